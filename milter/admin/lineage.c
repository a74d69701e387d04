/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/lineage.h"

#include "policy/names.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 200, RCPTS_SHOWN = 3, SHOWN_MAX = 64 };

struct lineage_step {
    uint64_t sequence;
    char *line;
};

/* A document that the journal knew already, or what else shows a forward. */
static bool is_sent_on(const struct record *record)
{
    for (size_t i = 0; i < record->n_documents; i++)
        if (record->documents[i].known_by != KNOWN_BY_NOTHING)
            return true;
    return record->forward != 0;
}

static const char *verb(const struct record *record)
{
    switch (record->role) {
    case ROLE_INBOUND:
        return "arrived from";
    case ROLE_EGRESS:
        return "at the last hop, from";
    case ROLE_SUBMISSION:
    case ROLE_LOCAL:
        return record->reason == REASON_RETURN ? "given back by"
               : is_sent_on(record)            ? "sent on by"
                                               : "sent by";
    }
    return "?";
}

static const char *author(const struct record *record)
{
    bool inbound = record->role == ROLE_INBOUND;
    const char *const candidates[] = {record->login, inbound ? record->from : record->envelope_from,
                                      inbound ? record->envelope_from : record->from};
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (candidates[i] && *candidates[i])
            return candidates[i];
    return "<>";
}

static void put_rcpts(struct buffer *line, const struct record *record)
{
    for (size_t i = 0; i < record->n_rcpts && i < RCPTS_SHOWN; i++) {
        const struct record_rcpt *rcpt = &record->rcpts[i];
        buffer_puts(line, i ? ", " : " to ");
        printer_safe(line, rcpt->address, SHOWN_MAX);
        if (rcpt->typed) {
            buffer_puts(line, " (by ");
            printer_safe(line, rcpt->typed, SHOWN_MAX);
            buffer_puts(line, ")");
        }
        if (rcpt->reason != REASON_NONE && rcpt->reason != record->reason)
            buffer_printf(line, " (%s)", reason_name(rcpt->reason));
    }
    if (record->n_rcpts > RCPTS_SHOWN)
        buffer_printf(line, " and %zu more", record->n_rcpts - RCPTS_SHOWN);
}

/* By which one version is told from another, of the first document. */
static void put_document(struct buffer *line, const struct record *record)
{
    if (!record->n_documents)
        return;
    const char *name = record->documents[0].name;
    buffer_puts(line, "; ");
    printer_safe(line, name ? name : "(no name)", SHOWN_MAX);
    if (record->n_documents > 1)
        buffer_printf(line, " and %zu more", record->n_documents - 1);
}

static char *line_of(const struct record *record)
{
    char when[21];
    struct buffer line;
    buffer_init(&line, 0);
    printer_time(record->time_ms, when);
    buffer_printf(&line, "%s  %s  %s ", record->reference, when, verb(record));
    printer_safe(&line, author(record), SHOWN_MAX);
    put_rcpts(&line, record);
    buffer_printf(&line, ": %s%s%s%s", printer_verdict(record->verdict), record->reason ? " " : "",
                  reason_name(record->reason), record->observed ? " (observed only)" : "");
    put_document(&line, record);
    char *copy = line.failed ? NULL : strdup(buffer_text(&line));
    buffer_free(&line);
    return copy;
}

void lineage_add(struct lineage *lineage, const struct record *record)
{
    if (lineage->n >= STEPS_MAX) {
        lineage->n_more++;
        return;
    }
    if (lineage->n == lineage->room) {
        size_t room = lineage->room ? lineage->room * 2 : 16;
        struct lineage_step *steps = realloc(lineage->steps, room * sizeof *steps);
        lineage->failed |= !steps;
        if (!steps)
            return;
        lineage->steps = steps;
        lineage->room = room;
    }
    struct lineage_step step = {record->sequence, line_of(record)};
    lineage->failed |= !step.line;
    if (!step.line)
        return;
    size_t at = lineage->n++;
    for (; at > 0 && lineage->steps[at - 1].sequence > step.sequence; at--)
        lineage->steps[at] = lineage->steps[at - 1];
    lineage->steps[at] = step;
}

void lineage_print(const struct lineage *lineage, const struct printer *printer)
{
    if (lineage->n < 2)
        return;
    (void)fputs("In short:\n\n", printer->out);
    for (size_t i = 0; i < lineage->n; i++)
        (void)fprintf(printer->out, "    %s\n", lineage->steps[i].line);
    if (lineage->n_more)
        (void)fprintf(printer->out, "    and %zu later ones\n", lineage->n_more);
    (void)fputc('\n', printer->out);
}

void lineage_free(struct lineage *lineage)
{
    for (size_t i = 0; i < lineage->n; i++)
        free(lineage->steps[i].line);
    free(lineage->steps);
}
