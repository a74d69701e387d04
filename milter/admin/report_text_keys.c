/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report.h"

#include "policy/date.h"

enum { STEP_WIDTH = 10, DAY_WIDTH = 12, DAYS_WIDTH = 5, NAME_WIDTH = 34, KIND_WIDTH = 13, STATE_WIDTH = 13 };

static const char *kind(enum report_subject subject)
{
    static const char *const words[] = {
        [SUBJECT_GATEWAY] = "gateway key", [SUBJECT_OWN] = "own key",     [SUBJECT_PERSON] = "person's key",
        [SUBJECT_SIGNING] = "signing key", [SUBJECT_PARTNER] = "partner", [SUBJECT_MINISTRY] = "entry",
        [SUBJECT_REGISTRY] = "registry",
    };
    return words[subject];
}

/* In full, however long. */
static void print_words(const struct printer *printer, int indent, const char *words)
{
    struct buffer safe;
    buffer_init(&safe, 0);
    printer_safe(&safe, words, SIZE_MAX);
    (void)fprintf(printer->out, "%*s%s\n", indent, "", buffer_text(&safe));
    buffer_free(&safe);
}

static void print_row(const struct printer *printer, const struct report_key *row)
{
    char day[DATE_ROOM], days[16] = "-";
    FILE *out = printer->out;
    date_format(row->ends ? report_key_last_day(row) : row->since, day);
    if (report_key_counts(row))
        (void)snprintf(days, sizeof days, "%d", row->days_left);
    (void)fputs("  ", out);
    printer_column(printer, outlook_name(row->stage), STEP_WIDTH, printer_stage_tint(row->stage));
    printer_column(printer, row->state, STATE_WIDTH, printer_stage_tint(row->stage));
    printer_column(printer, row->ends || row->since ? day : "-", DAY_WIDTH, TINT_NONE);
    (void)fprintf(out, "%*s  ", DAYS_WIDTH, days);
    printer_column(printer, kind(row->subject), KIND_WIDTH, TINT_NONE);
    printer_column(printer, row->name, NAME_WIDTH, TINT_HEAD);
    if (row->fingerprint) {
        (void)fputc(' ', out);
        printer_put(printer, row->fingerprint);
    }
    (void)fputc('\n', out);
    if (row->why)
        print_words(printer, 2 + STEP_WIDTH, row->why);
    if (row->mend)
        print_words(printer, 2 + STEP_WIDTH, row->mend);
}

void report_print_text_keys(const struct printer *printer, const struct report_keys *keys)
{
    static const struct {
        const char *name;
        int width;
    } heads[] = {
        {"STEP", STEP_WIDTH}, {"STATE", STATE_WIDTH}, {"UNTIL", DAY_WIDTH}, {" DAYS", DAYS_WIDTH + 2},
        {"WHAT", KIND_WIDTH}, {"WHOSE", NAME_WIDTH},  {" KEY", 0}};
    FILE *out = printer->out;
    char now[21];
    printer_time(keys->now * 1000, now);
    (void)fputc('\n', out);
    printer_column(printer, "Keys, partners and the registry", 0, TINT_HEAD);
    if (keys->now)
        (void)fprintf(out, ", at %s: %zu to be seen to, %zu in all", now, keys->n_news, keys->n);
    (void)fputc('\n', out);
    if (keys->trouble)
        print_words(printer, 2, keys->trouble);
    if (!keys->n)
        return;
    (void)fputs("  ", out);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        printer_column(printer, heads[i].name, heads[i].width, TINT_FAINT);
    (void)fputc('\n', out);
    for (size_t i = 0; i < keys->n; i++)
        print_row(printer, &keys->rows[i]);
}
