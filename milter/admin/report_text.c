/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report.h"

#include "policy/names.h"

#include <inttypes.h>
#include <string.h>

enum { NAME_WIDTH = 34, COUNT_WIDTH = 9, LABEL_WIDTH = 10 };

static void heading(const struct printer *printer, const char *text)
{
    (void)fputc('\n', printer->out);
    printer_column(printer, text, 0, TINT_HEAD);
    (void)fputc('\n', printer->out);
}

static void print_count(const struct printer *printer, const char *name, uint64_t n, const char *words)
{
    (void)fputs("  ", printer->out);
    printer_column(printer, name, NAME_WIDTH, TINT_NONE);
    (void)fprintf(printer->out, "%*" PRIu64 "%s%s\n", COUNT_WIDTH, n, *words ? "   " : "", words);
}

static void print_gaps(const struct printer *printer, const struct journal_coverage *coverage)
{
    FILE *out = printer->out;
    if (!coverage->n_missing) {
        (void)fputs("Gaps      none\n", out);
        return;
    }
    printer_column(printer, "Gaps", LABEL_WIDTH, TINT_BAD);
    (void)fprintf(out, "%" PRIu64 " record%s missing:", coverage->n_missing,
                  coverage->n_missing == 1 ? " is" : "s are");
    for (size_t i = 0; i < coverage->n_gaps; i++) {
        (void)fprintf(out, "%s %" PRIu64, i ? "," : "", coverage->gaps[i].first);
        if (coverage->gaps[i].last != coverage->gaps[i].first)
            (void)fprintf(out, " to %" PRIu64, coverage->gaps[i].last);
    }
    (void)fprintf(out, "%s\n", coverage->n_gaps == JOURNAL_GAPS_MAX ? " ..." : "");
}

static void print_period(const struct printer *printer, const struct report *report)
{
    char first[21], last[21];
    FILE *out = printer->out;
    (void)fputs("Period    ", out);
    if (!report->query.from_ms && !report->query.until_ms)
        (void)fputs("all that is in the journal", out);
    if (report->query.from_ms) {
        printer_time(report->query.from_ms, first);
        (void)fprintf(out, "from %s", first);
    }
    if (report->query.until_ms) {
        printer_time(report->query.until_ms, last);
        (void)fprintf(out, "%sbefore %s", report->query.from_ms ? " " : "", last);
    }
    (void)fputs(" (all times UTC)\n", out);
    if (report->empty) {
        (void)fputs("Covers    nothing: the journal has no record of this period\n", out);
        return;
    }
    printer_time(report->coverage.first_ms, first);
    printer_time(report->coverage.last_ms, last);
    (void)fprintf(out, "Covers    records %" PRIu64 " to %" PRIu64 ", of %s to %s\n", report->coverage.first,
                  report->coverage.last, first, last);
    print_gaps(printer, &report->coverage);
}

static void print_totals(const struct printer *printer, const char *title,
                         const uint64_t counts[VERDICT_COLUMNS])
{
    uint64_t sum = 0;
    for (size_t i = 0; i < VERDICT_COLUMNS; i++)
        sum += counts[i];
    if (!sum)
        return;
    heading(printer, title);
    for (size_t i = 0; i < VERDICT_COLUMNS; i++)
        if (counts[i])
            print_count(printer, printer_verdict((enum verdict)i), counts[i], "");
    print_count(printer, "all", sum, "");
}

/* Rows named by a reason are explained; a domain, in lower case, is never spelled like one. */
static const char *words_for(const char *name)
{
    enum reason reason = REASON_NONE;
    return reason_parse(name, &reason) ? printer_reason(reason) : "";
}

static void print_tally(const struct printer *printer, const char *title, struct tally *tally)
{
    enum { ROWS_SHOWN = 50 };
    size_t n;
    const struct tally_row *rows = tally_rows(tally, TALLY_BY_COUNT, &n);
    if (!n)
        return;
    heading(printer, title);
    for (size_t i = 0; i < n && i < ROWS_SHOWN; i++)
        print_count(printer, rows[i].name, rows[i].counts[0], words_for(rows[i].name));
    if (n > ROWS_SHOWN)
        (void)fprintf(printer->out, "  and %zu more: see --format json\n", n - ROWS_SHOWN);
}

static void print_days(const struct printer *printer, struct tally *tally)
{
    enum { DAY_WIDTH = 12, OBSERVED_WIDTH = 11 };
    size_t n;
    const struct tally_row *rows = tally_rows(tally, TALLY_BY_NAME, &n);
    if (!n)
        return;
    heading(printer, "Messages by day (observed: would have been refused)");
    (void)fprintf(printer->out, "  %-*s", DAY_WIDTH, "");
    for (size_t i = 0; i < VERDICT_COLUMNS; i++)
        (void)fprintf(printer->out, "%*s", COUNT_WIDTH, printer_verdict((enum verdict)i));
    (void)fprintf(printer->out, "%*s\n", OBSERVED_WIDTH, "observed");
    for (size_t r = 0; r < n; r++) {
        (void)fprintf(printer->out, "  %-*s", DAY_WIDTH, rows[r].name);
        for (size_t i = 0; i < VERDICT_COLUMNS; i++)
            (void)fprintf(printer->out, "%*" PRIu64, COUNT_WIDTH, rows[r].counts[i]);
        (void)fprintf(printer->out, "%*" PRIu64 "\n", OBSERVED_WIDTH, rows[r].counts[OBSERVED_COLUMN]);
    }
}

struct listing {
    struct printer printer;
    bool observed;
    size_t n;
};

static int print_refusal(const struct record *record, void *context)
{
    struct listing *listing = context;
    if (record->observed != listing->observed)
        return 0;
    if (listing->n++ == 0) {
        heading(&listing->printer, listing->observed ? "Would have been refused (mode observe)" : "Refusals");
        (void)fputc('\n', listing->printer.out);
    }
    printer_record(&listing->printer, record);
    return 0;
}

enum result report_print_text(struct report *report, struct journal *journal, FILE *out,
                              struct problem *problem)
{
    struct listing listing = {0};
    printer_init(&listing.printer, out);
    printer_column(&listing.printer, "Khatm report", 0, TINT_HEAD);
    (void)fputs("\n\n", out);
    print_period(&listing.printer, report);
    print_totals(&listing.printer, "Decisions, messages", report->decided);
    print_totals(&listing.printer, "Observed only, messages (they went out unchanged)", report->observed);
    print_tally(&listing.printer, "Refusals by reason, messages", report->reasons);
    print_tally(&listing.printer, "Refusals by domain of the recipient, recipients", report->domains);
    print_tally(&listing.printer, "Refusals by domain of the sender, messages", report->senders);
    print_tally(&listing.printer, "Observed refusals by reason, messages", report->observed_reasons);
    print_days(&listing.printer, report->days);
    report_print_text_keys(&listing.printer, &report->keys);
    enum result result = report_refusals(report, journal, print_refusal, &listing, problem);
    if (result != RESULT_OK || !report->observed[VERDICT_REJECT])
        return result;
    listing.observed = true;
    listing.n = 0;
    return report_refusals(report, journal, print_refusal, &listing, problem);
}
