/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report.h"

#include "admin/command.h"
#include "admin/source.h"
#include "base/clock.h"
#include "base/text.h"
#include "policy/names.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char usage_report[] =
    "usage: khatm report [--config FILE | --journal STORE] [--since DATE|Nd]\n"
    "                    [--until DATE] [--format text|csv|json|html]\n"
    "                    [--table refusals|keys] [--language fr|ar]\n"
    "\n"
    "What was decided in a period: totals, refusals by reason, recipient domain,\n"
    "sender domain and day, the list of refusals, and which records the report\n"
    "covers; and which keys, partners and registry end soon.\n"
    "\n"
    "  --since DATE    from the start of this day (YYYY-MM-DD, UTC); Nd: the last N\n"
    "                  times 24 hours\n"
    "  --until DATE    to the end of this day\n"
    "  --format FORM   text (default), csv (one row a refused recipient), json\n"
    "                  (docs/report.schema.json) or html (one page, to be printed or\n"
    "                  kept)\n"
    "  --table TABLE   of csv: refusals (default), or keys (one row a key, partner\n"
    "                  and the registry)\n"
    "  --language L    of html: fr (default) or ar\n"
    "  --config FILE   the gateway's configuration (" COMMAND_DEFAULT_CONFIG ")\n"
    "  --journal STORE read this journal and no configuration: sqlite:/path\n"
    "\n"
    "Exit: 0 printed (an empty period too), 64 usage, 74 journal unreadable,\n"
    "78 configuration\n";

enum { DOMAIN_BYTES = 256, DAY_MS = 24 * 60 * 60 * 1000 };

typedef enum result report_print(struct report *report, struct journal *journal, FILE *out,
                                 struct problem *problem);

static const struct format {
    const char *name;
    report_print *print;
} formats[] = {{"text", report_print_text},
               {"csv", report_print_csv},
               {"json", report_print_json},
               {"html", report_print_html}};

/* YYYY-MM-DD that exists; the first millisecond of the day. */
static bool read_day(const char *text, int64_t *time_ms_out)
{
    struct tm day = {0};
    char again[16];
    const char *end = strptime(text, "%Y-%m-%d", &day);
    time_t seconds = end && !*end ? timegm(&day) : -1;
    if (seconds <= 0 || strftime(again, sizeof again, "%Y-%m-%d", &day) == 0 || strcmp(again, text) != 0)
        return false;
    *time_ms_out = (int64_t)seconds * 1000;
    return true;
}

static bool read_since(const char *text, int64_t *time_ms_out)
{
    enum { DAYS_MAX = 36500 };
    char *end;
    long days = strtol(text, &end, 10);
    if (end == text || strcmp(end, "d") != 0)
        return read_day(text, time_ms_out);
    if (days < 1 || days > DAYS_MAX)
        return false;
    *time_ms_out = clock_wall_ms() - days * DAY_MS;
    return true;
}

static bool is_refusal(const struct record *record)
{
    return record->verdict == VERDICT_REJECT;
}

struct filter {
    uint64_t last;
    int (*visit)(const struct record *record, void *context);
    void *context;
};

static int visit_refusal(const struct record *record, void *context)
{
    const struct filter *filter = context;
    if (record->sequence > filter->last)
        return 1;
    return is_refusal(record) ? filter->visit(record, filter->context) : 0;
}

enum result report_refusals(const struct report *report, struct journal *journal,
                            int (*visit)(const struct record *record, void *context), void *context,
                            struct problem *problem)
{
    struct filter filter = {.last = report->coverage.last, .visit = visit, .context = context};
    return report->empty ? RESULT_OK : journal_find(journal, &report->query, visit_refusal, &filter, problem);
}

static void add(struct report *report, struct tally *tally, const char *name, size_t column)
{
    if (tally_add(tally, name, column) != RESULT_OK)
        report->failed = true;
}

/* In `domain`, lower case and without a final dot, or words in brackets. */
static const char *domain_of(const char *address, char domain[DOMAIN_BYTES])
{
    if (!address || address == journal_erased || address == journal_damaged)
        return address ? address : "(none)";
    if (!*address)
        return "<>";
    const char *at = strrchr(address, '@');
    if (!at || !at[1])
        return "(no domain)";
    size_t length = strlen(at + 1);
    if (length >= DOMAIN_BYTES)
        return "(over-long domain)";
    memcpy(domain, at + 1, length + 1);
    if (length > 1 && domain[length - 1] == '.')
        domain[length - 1] = '\0';
    text_lower_in_place(domain);
    return domain;
}

/* A login may be a bare name; then the envelope says the domain. */
static const char *sender_domain(const struct record *record, char domain[DOMAIN_BYTES])
{
    const char *login = record->login;
    if (login && (login == journal_erased || strchr(login, '@')))
        return domain_of(login, domain);
    return domain_of(record->envelope_from ? record->envelope_from : record->from, domain);
}

static void count_refusal(struct report *report, const struct record *record)
{
    char domain[DOMAIN_BYTES];
    add(report, report->reasons, reason_name(record->reason), 0);
    add(report, report->senders, sender_domain(record, domain), 0);
    for (size_t i = 0; i < record->n_rcpts; i++)
        if (record->rcpts[i].verdict == VERDICT_REJECT)
            add(report, report->domains, domain_of(record->rcpts[i].address, domain), 0);
}

static int count(const struct record *record, void *context)
{
    struct report *report = context;
    char day[21];
    if (record->sequence > report->coverage.last)
        return 1;
    printer_time(record->time_ms, day);
    day[10] = '\0';
    if (!record->observed) {
        report->decided[record->verdict]++;
        add(report, report->days, day, (size_t)record->verdict);
        if (is_refusal(record))
            count_refusal(report, record);
        return 0;
    }
    report->observed[record->verdict]++;
    if (is_refusal(record)) {
        add(report, report->days, day, OBSERVED_COLUMN);
        add(report, report->observed_reasons, reason_name(record->reason), 0);
    }
    return 0;
}

static enum result gather_counts(struct report *report, struct journal *journal, struct problem *problem)
{
    enum result result =
        journal_cover(journal, report->query.from_ms, report->query.until_ms, &report->coverage, problem);
    if (result == RESULT_NOT_FOUND) {
        report->empty = true;
        return RESULT_OK;
    }
    if (result == RESULT_OK)
        result = journal_find(journal, &report->query, count, report, problem);
    if (result == RESULT_OK && report->failed)
        return problem_set(problem, RESULT_TRY_LATER, "no memory to count: ask for a shorter period");
    return result;
}

static int run(struct report *report, const struct source *source, const struct format *format)
{
    struct problem problem = {{0}};
    struct journal *journal = NULL;
    struct tally **all[] = {&report->reasons, &report->observed_reasons, &report->domains, &report->senders,
                            &report->days};
    enum { TALLIES = sizeof all / sizeof *all };
    int code = source_open(source, &journal);
    if (code != EX_OK)
        return code;
    for (size_t i = 0; i < TALLIES; i++)
        report->failed |= !(*all[i] = tally_new());
    if (format->print != report_print_csv || report->wants_keys)
        report_keys_gather(&report->keys, source->journal  ? NULL
                                          : source->config ? source->config
                                                           : COMMAND_DEFAULT_CONFIG);
    report->failed |= report->keys.failed;
    enum result result = report->failed ? problem_set(&problem, RESULT_TRY_LATER, "no memory to count")
                                        : gather_counts(report, journal, &problem);
    if (result == RESULT_OK)
        result = format->print(report, journal, stdout, &problem);
    for (size_t i = 0; i < TALLIES; i++)
        tally_free(*all[i]);
    report_keys_free(&report->keys);
    journal_close(journal);
    return result == RESULT_OK ? EX_OK : source_failed(source, &problem);
}

static const struct format *find_format(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

static int read_option(int option, struct report *report, struct source *source, const struct format **format)
{
    switch (option) {
    case 'c':
        source->config = optarg;
        return EX_OK;
    case 'J':
        source->journal = optarg;
        return EX_OK;
    case 's':
        if (read_since(optarg, &report->query.from_ms))
            return EX_OK;
        return command_usage_error(report->argv0, "--since '%s': write YYYY-MM-DD, or 7d", optarg);
    case 'u':
        if (!read_day(optarg, &report->query.until_ms))
            return command_usage_error(report->argv0, "--until '%s': write YYYY-MM-DD", optarg);
        report->query.until_ms += DAY_MS;
        return EX_OK;
    case 'f':
        if ((*format = find_format(optarg)))
            return EX_OK;
        return command_usage_error(report->argv0, "--format '%s': text, csv, json or html", optarg);
    case 't':
        report->wants_keys = strcmp(optarg, "keys") == 0;
        if (report->wants_keys || strcmp(optarg, "refusals") == 0)
            return EX_OK;
        return command_usage_error(report->argv0, "--table '%s': refusals or keys", optarg);
    case 'l':
        report->speaks = true;
        if (language_parse(optarg, &report->language))
            return EX_OK;
        return command_usage_error(report->argv0, "--language '%s': fr or ar", optarg);
    default:
        return command_usage_error(report->argv0, NULL);
    }
}

/* Options that contradict each other. */
static int compare_options(const struct report *report, const struct source *source,
                           const struct format *format)
{
    if (source->config && source->journal)
        return command_usage_error(report->argv0, "--config or --journal, not both");
    if (report->wants_keys && format->print != report_print_csv)
        return command_usage_error(report->argv0,
                                   "--table keys is for --format csv: the other forms have both");
    if (report->speaks && format->print != report_print_html)
        return command_usage_error(report->argv0, "--language is for --format html");
    if (report->query.until_ms && report->query.from_ms >= report->query.until_ms)
        return command_usage_error(report->argv0, "--since is after --until");
    return EX_OK;
}

int cmd_report(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},   {"journal", required_argument, NULL, 'J'},
        {"since", required_argument, NULL, 's'},    {"until", required_argument, NULL, 'u'},
        {"format", required_argument, NULL, 'f'},   {"table", required_argument, NULL, 't'},
        {"language", required_argument, NULL, 'l'}, {0}};
    struct source source = {.argv0 = argv[0]};
    struct report report = {.argv0 = argv[0]};
    const struct format *format = formats;
    int option, code = EX_OK;
    while (code == EX_OK && (option = getopt_long(argc, argv, "", options, NULL)) != -1)
        code = read_option(option, &report, &source, &format);
    if (code != EX_OK)
        return code;
    if (optind < argc)
        return command_usage_error(argv[0], "'%s': only options are taken", argv[optind]);
    code = compare_options(&report, &source, format);
    return code != EX_OK ? code : run(&report, &source, format);
}
