/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report.h"

#include "policy/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Written piece by piece, so that a million refusals need no memory; strings by the JSON library. */

static void put_string(FILE *out, const char *text)
{
    char *dump = printer_string_json(text);
    (void)fputs(dump ? dump : "null", out);
    free(dump);
}

static void put_time(FILE *out, const char *key, int64_t time_ms)
{
    char text[21];
    printer_time(time_ms, text);
    text[10] = 'T';
    if (time_ms)
        (void)fprintf(out, "%s\"%s.%03dZ\"", key, text, (int)(time_ms % 1000));
    else
        (void)fprintf(out, "%snull", key);
}

static void put_coverage(FILE *out, const struct report *report)
{
    const struct journal_coverage *coverage = &report->coverage;
    (void)fputs(",\n\"coverage\":", out);
    if (report->empty) {
        (void)fputs("null", out);
        return;
    }
    (void)fprintf(out, "{\"first\":%" PRIu64 ",\"last\":%" PRIu64 ",\"leaves\":%" PRIu64, coverage->first,
                  coverage->last, coverage->n_leaves);
    put_time(out, ",\"from\":", coverage->first_ms);
    put_time(out, ",\"to\":", coverage->last_ms);
    (void)fprintf(out, ",\"missing\":%" PRIu64 ",\"gaps\":[", coverage->n_missing);
    for (size_t i = 0; i < coverage->n_gaps; i++)
        (void)fprintf(out, "%s{\"first\":%" PRIu64 ",\"last\":%" PRIu64 "}", i ? "," : "",
                      coverage->gaps[i].first, coverage->gaps[i].last);
    (void)fputs("]}", out);
}

/* `counts` has VERDICT_COLUMNS entries. */
static void put_verdicts(FILE *out, const uint64_t *counts)
{
    for (size_t i = 0; i < VERDICT_COLUMNS; i++)
        (void)fprintf(out, "%s\"%s\":%" PRIu64, i ? "," : "", verdict_name((enum verdict)i), counts[i]);
}

static void put_tally(FILE *out, const char *key, struct tally *tally)
{
    size_t n;
    const struct tally_row *rows = tally_rows(tally, TALLY_BY_COUNT, &n);
    (void)fprintf(out, ",\n\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        (void)fputs(i ? ",{\"name\":" : "{\"name\":", out);
        put_string(out, rows[i].name);
        (void)fprintf(out, ",\"count\":%" PRIu64 "}", rows[i].counts[0]);
    }
    (void)fputs("]", out);
}

static void put_days(FILE *out, struct tally *tally)
{
    size_t n;
    const struct tally_row *rows = tally_rows(tally, TALLY_BY_NAME, &n);
    (void)fputs(",\n\"by_day\":[", out);
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(out, "%s{\"day\":\"%s\",", i ? "," : "", rows[i].name);
        put_verdicts(out, rows[i].counts);
        (void)fprintf(out, ",\"observed_refusals\":%" PRIu64 "}", rows[i].counts[OBSERVED_COLUMN]);
    }
    (void)fputs("]", out);
}

/* Whole seconds, in the form of the other times. */
static void put_seconds(FILE *out, const char *key, int64_t seconds)
{
    put_time(out, key, seconds * 1000);
}

static void put_member(FILE *out, const char *key, const char *text)
{
    (void)fputs(key, out);
    put_string(out, text);
}

static void put_key(FILE *out, const struct report_key *row)
{
    put_member(out, "{\"subject\":", report_subject_name(row->subject));
    put_member(out, ",\"name\":", row->name);
    put_member(out, ",\"fingerprint\":", row->fingerprint);
    put_member(out, ",\"state\":", row->state);
    put_member(out, ",\"step\":", outlook_name(row->stage));
    put_seconds(out, ",\"usable_until\":", row->ends);
    put_seconds(out, ",\"since\":", row->since);
    if (report_key_counts(row))
        (void)fprintf(out, ",\"days_left\":%d", row->days_left);
    else
        (void)fputs(",\"days_left\":null", out);
    put_member(out, ",\"why\":", row->why);
    put_member(out, ",\"what_to_do\":", row->mend);
    (void)fputs("}", out);
}

static void put_keys(FILE *out, const struct report_keys *keys)
{
    put_seconds(out, ",\n\"keys\":{\"time\":", keys->now);
    put_member(out, ",\"trouble\":", keys->trouble);
    (void)fprintf(out, ",\"to_be_seen_to\":%zu,\"rows\":[", keys->n_news);
    for (size_t i = 0; i < keys->n; i++) {
        (void)fputs(i ? ",\n" : "\n", out);
        put_key(out, &keys->rows[i]);
    }
    (void)fputs("]}", out);
}

struct listing {
    FILE *out;
    bool started, failed;
};

static int put_refusal(const struct record *record, void *context)
{
    struct listing *listing = context;
    char *text = printer_record_json(record);
    (void)fprintf(listing->out, "%s\n%s", listing->started ? "," : "", text ? text : "null");
    listing->started = true;
    listing->failed |= !text;
    free(text);
    return listing->failed;
}

enum result report_print_json(struct report *report, struct journal *journal, FILE *out,
                              struct problem *problem)
{
    struct listing listing = {.out = out};
    put_time(out, "{\"schema\":1,\n\"period\":{\"since\":", report->query.from_ms);
    put_time(out, ",\"until\":", report->query.until_ms);
    (void)fputs("}", out);
    put_coverage(out, report);
    (void)fputs(",\n\"decided\":{", out);
    put_verdicts(out, report->decided);
    (void)fputs("},\n\"observed\":{", out);
    put_verdicts(out, report->observed);
    (void)fputs("}", out);
    put_tally(out, "refusals_by_reason", report->reasons);
    put_tally(out, "refusals_by_recipient_domain", report->domains);
    put_tally(out, "refusals_by_sender_domain", report->senders);
    put_tally(out, "observed_refusals_by_reason", report->observed_reasons);
    put_days(out, report->days);
    put_keys(out, &report->keys);
    (void)fputs(",\n\"refusals\":[", out);
    enum result result = report_refusals(report, journal, put_refusal, &listing, problem);
    (void)fputs("\n]}\n", out);
    if (result == RESULT_OK && listing.failed)
        return problem_set(problem, RESULT_TRY_LATER, "no memory to print a record");
    return result;
}
