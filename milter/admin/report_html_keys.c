/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report_html.h"

#include <ctype.h>
#include <string.h>

static const char *colour(enum outlook_stage stage)
{
    switch (stage) {
    case OUTLOOK_UNUSABLE:
    case OUTLOOK_7:
        return "bad";
    case OUTLOOK_30:
    case OUTLOOK_60:
        return "soon";
    case OUTLOOK_UNKNOWN:
        return "unknown";
    case OUTLOOK_GOOD:
        return "good";
    case OUTLOOK_NONE:
        return "none";
    }
    return "none";
}

/* In groups of four, as it is read out on the telephone. */
static void put_fingerprint(const struct page *page, const char *fingerprint)
{
    enum { GROUP = 4, HALF = 20 };
    if (!fingerprint) {
        (void)fputs("–", page->out);
        return;
    }
    (void)fputs("<code dir=\"ltr\" class=\"fpr\">", page->out);
    for (size_t i = 0; isxdigit((unsigned char)fingerprint[i]); i++) {
        if (i && i % GROUP == 0)
            (void)fputs(i == HALF ? "<br>" : " ", page->out);
        (void)fputc(fingerprint[i], page->out);
    }
    (void)fputs("</code>", page->out);
}

static void put_until(const struct page *page, const struct report_key *row)
{
    bool lasts = !row->ends && row->stage == OUTLOOK_GOOD;
    (void)fputs("<td>", page->out);
    if (row->ends)
        html_day(page, report_key_last_day(row));
    else if (lasts)
        html_word(page, WORD_FOR_GOOD);
    else
        (void)fputs("–", page->out);
    (void)fputs("</td><td class=\"n\">", page->out);
    if (report_key_counts(row))
        (void)fprintf(page->out, "%d", row->days_left);
    else
        (void)fputs("–", page->out);
    (void)fputs("</td>", page->out);
}

static void put_action(const struct page *page, const struct report_key *row)
{
    const char *command = word_command(row->action);
    (void)fprintf(page->out, "<td class=\"%s\">", row->action == ACTION_NONE ? "nothing" : "todo");
    printer_html(page->out, word_action(row->action, page->language));
    if ((row->action == ACTION_IMPORT || row->action == ACTION_ANOTHER) && row->contact) {
        (void)fputs("<br>", page->out);
        html_word(page, WORD_CONTACT);
        (void)fputc(' ', page->out);
        html_value(page, row->contact);
    }
    if (command) {
        (void)fputs("<br>", page->out);
        html_code(page, command);
    }
    (void)fputs("</td>", page->out);
}

static void put_row(const struct page *page, const struct report_key *row)
{
    FILE *out = page->out;
    (void)fprintf(out, "<tr><td><span class=\"step %s\">", colour(row->stage));
    printer_html(out, word_step(row->stage, page->language));
    (void)fputs("</span></td><td>", out);
    printer_html(out, word_subject(row->subject, page->language));
    (void)fputs("</td><th scope=\"row\">", out);
    html_value(page, row->name);
    (void)fputs("</th><td>", out);
    printer_html(out, word_state(row->state, page->language));
    if (row->since) {
        (void)fputc(' ', out);
        html_word(page, WORD_SINCE);
        (void)fputc(' ', out);
        html_day(page, row->since);
    }
    (void)fputs("</td>", out);
    put_until(page, row);
    put_action(page, row);
    (void)fputs("<td>", out);
    put_fingerprint(page, row->fingerprint);
    (void)fputs("</td></tr>\n", out);
}

static void put_summary(const struct page *page, const struct report_keys *keys)
{
    FILE *out = page->out;
    if (keys->trouble) {
        (void)fputs("<p class=\"trouble\" role=\"note\"><strong>", out);
        html_word(page, WORD_NOT_LOOKED_AT);
        (void)fputs("</strong> <span lang=\"en\" dir=\"ltr\">", out);
        printer_html(out, keys->trouble);
        (void)fputs("</span></p>\n", out);
    }
    if (!keys->now)
        return;
    (void)fputs("<p>", out);
    html_word(page, WORD_AS_OF);
    (void)fputc(' ', out);
    html_day(page, keys->now);
    (void)fprintf(out, " – <strong>%zu ", keys->n_news);
    html_word(page, WORD_NEWS);
    (void)fputs("</strong> ", out);
    html_word(page, WORD_OUT_OF);
    (void)fprintf(out, " %zu. ", keys->n);
    html_word(page, WORD_WORST_FIRST);
    (void)fputs("</p>\n", out);
}

void report_html_keys(const struct page *page, const struct report_keys *keys)
{
    static const enum word heads[] = {WORD_STEP,  WORD_WHAT,      WORD_WHOSE, WORD_STATE,
                                      WORD_UNTIL, WORD_DAYS_LEFT, WORD_TO_DO, WORD_KEY};
    html_section(page, "keys", WORD_ENDS);
    put_summary(page, keys);
    if (keys->n) {
        html_table(page, "keys", heads, sizeof heads / sizeof *heads);
        for (size_t i = 0; i < keys->n; i++)
            put_row(page, &keys->rows[i]);
        html_table_end(page);
    }
    html_section_end(page);
}
