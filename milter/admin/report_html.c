/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report_html.h"

#include "policy/date.h"
#include "policy/names.h"

#include <inttypes.h>
#include <string.h>

enum { ROWS_SHOWN = 50, PERCENT = 100, MS = 1000 };

/* Nothing is fetched and nothing runs: the page can be kept, mailed and printed as it is. */
static const char STYLE[] =
    ":root{color-scheme:light;--ink:#1b1b1b;--faint:#575757;--line:#c9c9c9;--bar:#5b7ea8}"
    "body{font:16px/1.5 system-ui,'DejaVu Sans','Noto Sans "
    "Arabic',sans-serif;color:var(--ink);background:#fff;"
    "margin:0 auto;padding:1.5rem;max-width:78rem}"
    "[lang=ar] body{line-height:1.75}"
    "h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-block-end:2px solid "
    "var(--line);padding-block-end:.2rem}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem "
    "0}dt{color:var(--faint)}dd{margin:0}"
    ".skip{position:absolute;inset-inline-start:-100vw}.skip:focus{position:static}"
    "nav ul{padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none}"
    "a{color:#0b4f9c}:focus-visible{outline:3px solid #0b4f9c;outline-offset:2px}"
    ".scroll{overflow-x:auto}"
    "table{border-collapse:collapse;font-size:.92rem;min-width:50%}"
    "th,td{text-align:start;vertical-align:top;padding:.35rem .7rem;border-block-end:1px solid var(--line)}"
    "thead th,thead td{border-block-end:2px solid var(--faint)}tbody th{font-weight:600}"
    ".n{text-align:end;font-variant-numeric:tabular-nums}"
    ".bar{min-width:9rem}.bar "
    "span{display:block;block-size:.8rem;margin-block-start:.35rem;background:var(--bar)}"
    "code{font-family:'DejaVu Sans "
    "Mono',monospace;font-size:.85em;unicode-bidi:isolate}.fpr{white-space:nowrap}"
    "time{white-space:nowrap;unicode-bidi:isolate}th[scope=row]{min-width:9rem}td bdi,th "
    "bdi{overflow-wrap:break-word}"
    ".step{display:inline-block;padding:0 .5rem;border:2px solid;border-radius:.3rem;white-space:nowrap}"
    ".bad{color:#8f1414;background:#fdeaea;font-weight:600}.soon{color:#6b4700;background:#fff4d9}"
    ".good{color:#1d5c2c;border-color:transparent}.none{color:var(--faint);border-color:transparent}.unknown{"
    "color:var(--faint);border-style:dashed}"
    ".todo{min-width:16rem}.nothing{color:var(--faint)}"
    ".trouble{border:2px solid #8f1414;padding:.5rem .8rem;overflow-wrap:anywhere}"
    "@page{size:A4 landscape;margin:12mm}"
    "@media print{"
    "body{font-size:8.5pt;line-height:1.35;padding:0;max-width:none}[lang=ar] body{line-height:1.5}"
    "h1{font-size:15pt}h2{font-size:11pt;margin:1rem 0 .3rem;break-after:avoid}nav,.skip{display:none}"
    ".scroll{overflow:visible}table{width:100%;font-size:8.5pt}thead{display:table-header-group}"
    "thead,tbody "
    "tr:first-child{break-after:avoid;break-before:avoid}tr,section:not(#keys):not(#refusals):not(#observed){"
    "break-inside:avoid}"
    "th,td{padding:.15rem .35rem}.todo,th[scope=row]{min-width:0}.fpr{font-size:7.5pt}"
    ".bar span,.step{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";

void html_word(const struct page *page, enum word which)
{
    printer_html(page->out, word(which, page->language));
}

void html_value(const struct page *page, const char *text)
{
    (void)fputs("<bdi>", page->out);
    printer_html_breakable(page->out, word_name(text, page->language));
    (void)fputs("</bdi>", page->out);
}

void html_code(const struct page *page, const char *text)
{
    (void)fputs("<code dir=\"ltr\">", page->out);
    printer_html(page->out, text);
    (void)fputs("</code>", page->out);
}

void html_day(const struct page *page, int64_t seconds)
{
    char day[DATE_ROOM];
    date_format(seconds, day);
    (void)fprintf(page->out, "<time dir=\"ltr\" datetime=\"%s\">%s</time>", day, day);
}

static void put_instant(const struct page *page, int64_t time_ms)
{
    char text[21];
    printer_time(time_ms, text);
    (void)fprintf(page->out, "<time dir=\"ltr\" datetime=\"%sZ\">%s</time>", text, text);
}

void html_section(const struct page *page, const char *id, enum word heading)
{
    (void)fprintf(page->out, "<section id=\"%s\" aria-labelledby=\"%s-heading\"><h2 id=\"%s-heading\">", id,
                  id, id);
    html_word(page, heading);
    (void)fputs("</h2>\n", page->out);
}

void html_section_end(const struct page *page)
{
    (void)fputs("</section>\n", page->out);
}

static bool is_number(enum word head)
{
    return head == WORD_DAYS_LEFT || head == WORD_DECIDED || head == WORD_OBSERVED || head == WORD_MESSAGES ||
           head == WORD_RECIPIENTS || head == WORD_REFUSALS || head == WORD_OBSERVED_REFUSALS;
}

void html_table(const struct page *page, const char *id, const enum word *heads, size_t n)
{
    FILE *out = page->out;
    (void)fprintf(
        out,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"%s-heading\"><table "
        "aria-labelledby=\"%s-heading\"><thead><tr>",
        id, id);
    for (size_t i = 0; i < n; i++) {
        if (heads[i] == WORD_COUNT) {
            (void)fputs("<td aria-hidden=\"true\"></td>", out);
            continue;
        }
        (void)fprintf(out, "<th scope=\"col\"%s>", is_number(heads[i]) ? " class=\"n\"" : "");
        html_word(page, heads[i]);
        (void)fputs("</th>", out);
    }
    (void)fputs("</tr></thead><tbody>\n", out);
}

void html_table_end(const struct page *page)
{
    (void)fputs("</tbody></table></div>\n", page->out);
}

static void put_head(const struct page *page)
{
    FILE *out = page->out;
    (void)fprintf(out,
                  "<!DOCTYPE html>\n<html lang=\"%s\" dir=\"%s\"><head><meta charset=\"utf-8\">"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                  "'unsafe-inline'\">"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>",
                  language_name(page->language), page->language == LANGUAGE_AR ? "rtl" : "ltr");
    html_word(page, WORD_TITLE);
    (void)fprintf(out, "</title><style>%s</style></head><body>\n<a class=\"skip\" href=\"#main\">", STYLE);
    html_word(page, WORD_SKIP);
    (void)fputs("</a>\n<header><h1>", out);
    html_word(page, WORD_TITLE);
    (void)fputs("</h1>\n", out);
}

static void put_term(const struct page *page, enum word term)
{
    (void)fputs("<dt>", page->out);
    html_word(page, term);
    (void)fputs("</dt><dd>", page->out);
}

static void put_words(const struct page *page, enum word which)
{
    html_word(page, which);
    (void)fputc(' ', page->out);
}

static void put_gap(const struct page *page, const struct journal_gap *gap, bool first)
{
    (void)fprintf(page->out, "%s<bdi>%" PRIu64, first ? "" : ", ", gap->first);
    if (gap->last != gap->first)
        (void)fprintf(page->out, "–%" PRIu64, gap->last);
    (void)fputs("</bdi>", page->out);
}

static void put_coverage(const struct page *page, const struct report *report)
{
    const struct journal_coverage *coverage = &report->coverage;
    FILE *out = page->out;
    put_term(page, WORD_COVERS);
    if (report->empty) {
        html_word(page, WORD_COVERS_NOTHING);
        (void)fputs("</dd>", out);
        return;
    }
    put_words(page, WORD_RECORDS);
    (void)fprintf(out, "<bdi>%" PRIu64 "</bdi> ", coverage->first);
    put_words(page, WORD_TO);
    (void)fprintf(out, "<bdi>%" PRIu64 "</bdi> (", coverage->last);
    put_instant(page, coverage->first_ms);
    (void)fputs(" – ", out);
    put_instant(page, coverage->last_ms);
    (void)fputs(")</dd>", out);
    put_term(page, WORD_GAPS);
    if (!coverage->n_missing)
        html_word(page, WORD_NO_GAPS);
    else
        (void)fprintf(out, "<strong>%" PRIu64 " ", coverage->n_missing), put_words(page, WORD_MISSING);
    for (size_t i = 0; i < coverage->n_gaps; i++)
        put_gap(page, &coverage->gaps[i], i == 0);
    (void)fputs(coverage->n_gaps == JOURNAL_GAPS_MAX ? " …" : "", out);
    (void)fputs(coverage->n_missing ? "</strong></dd>" : "</dd>", out);
}

static void put_period(const struct page *page, const struct report *report)
{
    FILE *out = page->out;
    (void)fputs("<dl>", out);
    put_term(page, WORD_PERIOD);
    if (!report->query.from_ms && !report->query.until_ms)
        html_word(page, WORD_ALL);
    if (report->query.from_ms) {
        put_words(page, WORD_FROM);
        put_instant(page, report->query.from_ms);
        (void)fputc(' ', out);
    }
    if (report->query.until_ms) {
        put_words(page, WORD_BEFORE);
        put_instant(page, report->query.until_ms);
    }
    (void)fputs("</dd>", out);
    put_coverage(page, report);
    (void)fputs("</dl>\n<p>", out);
    html_word(page, WORD_UTC);
    (void)fputs("</p></header>\n", out);
}

static void put_contents(const struct page *page)
{
    static const struct {
        const char *id;
        enum word heading;
    } sections[] = {{"decisions", WORD_DECISIONS},    {"keys", WORD_ENDS},
                    {"reasons", WORD_REASONS},        {"recipients", WORD_RCPT_DOMAINS},
                    {"senders", WORD_SENDER_DOMAINS}, {"days", WORD_BY_DAY},
                    {"refusals", WORD_REFUSALS}};
    (void)fputs("<nav aria-label=\"", page->out);
    html_word(page, WORD_CONTENTS);
    (void)fputs("\"><ul>", page->out);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        (void)fprintf(page->out, "<li><a href=\"#%s\">", sections[i].id);
        html_word(page, sections[i].heading);
        (void)fputs("</a></li>", page->out);
    }
    (void)fputs("</ul></nav>\n<main id=\"main\">\n", page->out);
}

static void put_decisions(const struct page *page, const struct report *report)
{
    static const enum word heads[] = {WORD_DECISION, WORD_DECIDED, WORD_OBSERVED};
    html_section(page, "decisions", WORD_DECISIONS);
    html_table(page, "decisions", heads, sizeof heads / sizeof *heads);
    for (size_t i = 0; i < VERDICT_COLUMNS; i++) {
        (void)fputs("<tr><th scope=\"row\">", page->out);
        printer_html(page->out, word_verdict((enum verdict)i, page->language));
        (void)fprintf(page->out,
                      "</th><td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64 "</td></tr>\n",
                      report->decided[i], report->observed[i]);
    }
    html_table_end(page);
    html_section_end(page);
}

static void put_number(const struct page *page, uint64_t n, uint64_t most)
{
    unsigned percent = most ? (unsigned)(n * PERCENT / most) : 0;
    (void)fprintf(page->out,
                  "<td class=\"n\">%" PRIu64 "</td><td class=\"bar\" aria-hidden=\"true\"><span "
                  "style=\"inline-size:%u%%\"></span></td>",
                  n, percent);
}

struct counted {
    const char *id;
    enum word heading, name, count;
    bool reasons;
};

static void put_count(const struct page *page, const struct counted *what, const struct tally_row *row,
                      uint64_t most)
{
    enum reason reason = REASON_NONE;
    (void)fputs("<tr><th scope=\"row\">", page->out);
    html_value(page, row->name);
    (void)fputs("</th>", page->out);
    if (what->reasons) {
        (void)fputs("<td>", page->out);
        if (reason_parse(row->name, &reason))
            printer_html(page->out, word_reason(reason, page->language));
        (void)fputs("</td>", page->out);
    }
    put_number(page, row->counts[0], most);
    (void)fputs("</tr>\n", page->out);
}

static void put_none(const struct page *page)
{
    (void)fputs("<p>", page->out);
    html_word(page, WORD_NONE);
    (void)fputs("</p>", page->out);
    html_section_end(page);
}

static void put_tally(const struct page *page, const struct counted *what, struct tally *tally)
{
    size_t n, n_heads = 0;
    const struct tally_row *rows = tally_rows(tally, TALLY_BY_COUNT, &n);
    enum word heads[4];
    heads[n_heads++] = what->name;
    if (what->reasons)
        heads[n_heads++] = WORD_MEANING;
    heads[n_heads++] = what->count;
    heads[n_heads++] = WORD_COUNT;
    html_section(page, what->id, what->heading);
    if (!n) {
        put_none(page);
        return;
    }
    html_table(page, what->id, heads, n_heads);
    for (size_t i = 0; i < n && i < ROWS_SHOWN; i++)
        put_count(page, what, &rows[i], rows[0].counts[0]);
    html_table_end(page);
    if (n > ROWS_SHOWN) {
        (void)fprintf(page->out, "<p>%zu ", n - ROWS_SHOWN);
        html_word(page, WORD_MORE);
        (void)fputs("</p>", page->out);
    }
    html_section_end(page);
}

static uint64_t sum(const struct tally_row *row)
{
    uint64_t all = 0;
    for (size_t i = 0; i < VERDICT_COLUMNS; i++)
        all += row->counts[i];
    return all;
}

static void put_days(const struct page *page, struct tally *tally)
{
    static const enum word heads[] = {WORD_DAY, WORD_MESSAGES, WORD_COUNT, WORD_REFUSALS,
                                      WORD_OBSERVED_REFUSALS};
    size_t n;
    uint64_t most = 0;
    const struct tally_row *rows = tally_rows(tally, TALLY_BY_NAME, &n);
    for (size_t i = 0; i < n; i++)
        most = sum(&rows[i]) > most ? sum(&rows[i]) : most;
    html_section(page, "days", WORD_BY_DAY);
    if (!n) {
        put_none(page);
        return;
    }
    html_table(page, "days", heads, sizeof heads / sizeof *heads);
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(page->out, "<tr><th scope=\"row\"><time dir=\"ltr\">%s</time></th>", rows[i].name);
        put_number(page, sum(&rows[i]), most);
        (void)fprintf(page->out, "<td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64 "</td></tr>\n",
                      rows[i].counts[VERDICT_REJECT], rows[i].counts[OBSERVED_COLUMN]);
    }
    html_table_end(page);
    html_section_end(page);
}

struct listing {
    const struct page *page;
    bool observed;
};

static void put_sender(const struct page *page, const struct record *record)
{
    const char *envelope = record->envelope_from && !*record->envelope_from ? "<>" : record->envelope_from;
    html_value(page, record->login ? record->login : record->from ? record->from : envelope);
}

static void put_reason(const struct page *page, enum reason reason)
{
    (void)fprintf(page->out, "<bdi>%s</bdi> – ", reason_name(reason));
    printer_html(page->out, word_reason(reason, page->language));
}

static void put_rcpt(const struct page *page, const struct record_rcpt *rcpt)
{
    html_value(page, rcpt->address);
    if (!rcpt->typed)
        return;
    (void)fputs(" (", page->out);
    put_words(page, WORD_TYPED);
    html_value(page, rcpt->typed);
    (void)fputc(')', page->out);
}

static void put_refused(const struct page *page, const struct record *record)
{
    size_t n_refused = 0;
    for (size_t i = 0; i < record->n_rcpts; i++)
        n_refused += record->rcpts[i].verdict == VERDICT_REJECT;
    for (size_t i = 0; i < record->n_rcpts; i++) {
        if (n_refused && record->rcpts[i].verdict != VERDICT_REJECT)
            continue;
        put_rcpt(page, &record->rcpts[i]);
        if (n_refused && record->rcpts[i].reason != record->reason) {
            (void)fputs(" – ", page->out);
            put_reason(page, record->rcpts[i].reason);
        }
        (void)fputs("<br>", page->out);
    }
}

static int put_refusal(const struct record *record, void *context)
{
    const struct listing *listing = context;
    const struct page *page = listing->page;
    FILE *out = page->out;
    if (record->observed != listing->observed)
        return 0;
    (void)fputs("<tr><th scope=\"row\">", out);
    html_code(page, record->reference);
    (void)fputs("</th><td>", out);
    put_instant(page, record->time_ms);
    (void)fputs("</td><td>", out);
    put_sender(page, record);
    (void)fputs("</td><td>", out);
    put_refused(page, record);
    (void)fputs("</td><td>", out);
    put_reason(page, record->reason);
    (void)fprintf(out, "</td><td>%d ", record->level);
    printer_html(out, word_level(record->level, page->language));
    (void)fputs("</td><td>", out);
    for (size_t i = 0; i < record->n_documents; i++) {
        if (record->documents[i].name)
            html_value(page, record->documents[i].name);
        else
            html_word(page, WORD_NAMELESS);
        (void)fputs("<br>", out);
    }
    (void)fputs("</td></tr>\n", out);
    return 0;
}

static enum result put_refusals(const struct page *page, struct report *report, struct journal *journal,
                                bool observed, struct problem *problem)
{
    static const enum word heads[] = {WORD_REFERENCE, WORD_TIME,  WORD_SENDER,   WORD_REFUSED_TO,
                                      WORD_REASON,    WORD_LEVEL, WORD_DOCUMENTS};
    struct listing listing = {.page = page, .observed = observed};
    const char *id = observed ? "observed" : "refusals";
    enum word heading = observed ? WORD_OBSERVED_REFUSALS : WORD_REFUSALS;
    html_section(page, id, heading);
    if (!observed && !report->decided[VERDICT_REJECT]) {
        put_none(page);
        return RESULT_OK;
    }
    html_table(page, id, heads, sizeof heads / sizeof *heads);
    enum result result = report_refusals(report, journal, put_refusal, &listing, problem);
    html_table_end(page);
    html_section_end(page);
    return result;
}

enum result report_print_html(struct report *report, struct journal *journal, FILE *out,
                              struct problem *problem)
{
    static const struct counted reasons = {"reasons", WORD_REASONS, WORD_REASON, WORD_MESSAGES, true},
                                observed = {"observed-reasons", WORD_OBSERVED_REASONS, WORD_REASON,
                                            WORD_MESSAGES, true},
                                domains = {"recipients", WORD_RCPT_DOMAINS, WORD_DOMAIN, WORD_RECIPIENTS,
                                           false},
                                senders = {"senders", WORD_SENDER_DOMAINS, WORD_DOMAIN, WORD_MESSAGES, false};
    const struct page page = {.out = out, .language = report->language};
    put_head(&page);
    put_period(&page, report);
    put_contents(&page);
    put_decisions(&page, report);
    report_html_keys(&page, &report->keys);
    put_tally(&page, &reasons, report->reasons);
    put_tally(&page, &domains, report->domains);
    put_tally(&page, &senders, report->senders);
    if (report->observed[VERDICT_REJECT])
        put_tally(&page, &observed, report->observed_reasons);
    put_days(&page, report->days);
    enum result result = put_refusals(&page, report, journal, false, problem);
    if (result == RESULT_OK && report->observed[VERDICT_REJECT])
        result = put_refusals(&page, report, journal, true, problem);
    (void)fputs("</main></body></html>\n", out);
    return result;
}
