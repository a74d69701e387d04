/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report.h"

#include "policy/names.h"

#include <string.h>

static const char *const columns[] = {
    "reference", "time_utc",  "observed",        "role",   "sender_class", "login", "envelope_from",
    "from",      "recipient", "recipient_class", "reason", "status",       "rule",  "basis",
    "level",     "documents", "sha256",
};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* Names or digests of all documents in one cell. */
static void join(const struct record *record, bool names, struct buffer *out)
{
    const char *separator = "";
    for (size_t i = 0; i < record->n_documents; i++) {
        const struct record_document *document = &record->documents[i];
        const char *text = names ? document->name : document->sha256;
        buffer_puts(out, separator);
        buffer_puts(out, text ? text : "-");
        separator = "; ";
    }
}

/* The journal keeps that of the message's rule alone. */
static const char *basis_of(const struct record *record, const struct record_rcpt *rcpt)
{
    bool other = rcpt && rcpt->rule && record->rule && strcmp(rcpt->rule, record->rule) != 0;
    return other ? NULL : record->basis;
}

static void print_row(FILE *out, const struct record *record, const struct record_rcpt *rcpt)
{
    char when[21];
    struct buffer names, digests, level;
    enum reason reason = rcpt && rcpt->reason != REASON_NONE ? rcpt->reason : record->reason;
    buffer_init(&names, 0);
    buffer_init(&digests, 0);
    buffer_init(&level, 0);
    printer_time(record->time_ms, when);
    join(record, true, &names);
    join(record, false, &digests);
    buffer_printf(&level, "%d", record->level);
    const char *const cells[COLUMNS] = {
        record->reference,
        when,
        record->observed ? "yes" : "no",
        role_name(record->role),
        sender_class_name(record->sender),
        record->login,
        record->envelope_from,
        record->from,
        rcpt ? rcpt->address : NULL,
        rcpt ? rcpt_class_name(rcpt->class) : NULL,
        reason_name(reason),
        reason_status_of(reason, record->lacks),
        rcpt && rcpt->rule ? rcpt->rule : record->rule,
        basis_of(record, rcpt),
        buffer_text(&level),
        buffer_text(&names),
        buffer_text(&digests),
    };
    printer_csv(out, cells, COLUMNS);
    buffer_free(&names);
    buffer_free(&digests);
    buffer_free(&level);
}

/* One row a refused recipient; a message refused as such (too big, say) has one for each of its recipients.
 */
static int print_refusal(const struct record *record, void *context)
{
    FILE *out = context;
    size_t n_refused = 0;
    for (size_t i = 0; i < record->n_rcpts; i++)
        n_refused += record->rcpts[i].verdict == VERDICT_REJECT;
    for (size_t i = 0; i < record->n_rcpts; i++)
        if (!n_refused || record->rcpts[i].verdict == VERDICT_REJECT)
            print_row(out, record, &record->rcpts[i]);
    if (!record->n_rcpts)
        print_row(out, record, NULL);
    return 0;
}

static const char *const key_columns[] = {
    "subject",          "name",      "fingerprint", "state", "step",
    "usable_until_utc", "since_utc", "days_left",   "why",   "what_to_do",
};
enum { KEY_COLUMNS = sizeof key_columns / sizeof *key_columns };

static const char *time_cell(int64_t seconds, char text[21])
{
    if (!seconds)
        return NULL;
    printer_time(seconds * 1000, text);
    return text;
}

static void print_key(FILE *out, const struct report_key *row)
{
    char ends[21], since[21], days[16];
    (void)snprintf(days, sizeof days, "%d", row->days_left);
    const char *const cells[KEY_COLUMNS] = {
        report_subject_name(row->subject),
        row->name,
        row->fingerprint,
        row->state,
        outlook_name(row->stage),
        time_cell(row->ends, ends),
        time_cell(row->since, since),
        report_key_counts(row) ? days : NULL,
        row->why,
        row->mend,
    };
    printer_csv(out, cells, KEY_COLUMNS);
}

/* What could not be looked at is a row, too. */
static void print_keys(FILE *out, const struct report_keys *keys)
{
    const char *const trouble[KEY_COLUMNS] = {
        [0] = "trouble", [3] = "unknown", [4] = "unknown", [8] = keys->trouble};
    printer_csv(out, key_columns, KEY_COLUMNS);
    if (keys->trouble)
        printer_csv(out, trouble, KEY_COLUMNS);
    for (size_t i = 0; i < keys->n; i++)
        print_key(out, &keys->rows[i]);
}

enum result report_print_csv(struct report *report, struct journal *journal, FILE *out,
                             struct problem *problem)
{
    if (report->wants_keys) {
        print_keys(out, &report->keys);
        return RESULT_OK;
    }
    printer_csv(out, columns, COLUMNS);
    return report_refusals(report, journal, print_refusal, out, problem);
}
