/* SPDX-License-Identifier: Apache-2.0 */

/* khatm trace and khatm report as people run them, on a journal made here. */

#include "journal_sample.h"

#include <sys/stat.h>

#define KHATM  KHATM_BUILD_DIR "/khatm"
#define CHECK  "/usr/bin/python3 " KHATM_SOURCE_DIR "/tests/unit/report_check.py"
#define SCHEMA KHATM_SOURCE_DIR "/docs/report.schema.json"

static int setup(void **state)
{
    struct scratch *scratch = calloc(1, sizeof *scratch);
    assert_non_null(scratch);
    scratch_make(scratch);
    *state = scratch;
    return 0;
}

static int teardown(void **state)
{
    scratch_remove(*state);
    free(*state);
    return 0;
}

/* What one run printed. */
struct ran {
    int code;
    char out[65536], err[4096];
};

static void slurp(const struct scratch *scratch, const char *name, char *text, size_t room)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", scratch->folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    text[fread(text, 1, room - 1, file)] = '\0';
    (void)fclose(file);
}

/* `arguments` are the shell's; output stays in the scratch folder as out and err. */
static struct ran *run(const struct scratch *scratch, const char *subcommand, const char *arguments)
{
    char command[2048];
    struct ran *ran = calloc(1, sizeof *ran);
    assert_non_null(ran);
    (void)snprintf(command, sizeof command, "cd %s && " KHATM " %s --journal %s %s >out 2>err",
                   scratch->folder, subcommand, scratch->store, arguments);
    int status = system(command);
    assert_true(WIFEXITED(status));
    ran->code = WEXITSTATUS(status);
    slurp(scratch, "out", ran->out, sizeof ran->out);
    slurp(scratch, "err", ran->err, sizeof ran->err);
    return ran;
}

/* Runs and demands the exit code; every word, NULL-terminated, in out (code 0) or err. */
static void expect(const struct scratch *scratch, const char *subcommand, const char *arguments, int code,
                   const char *const *words)
{
    struct ran *ran = run(scratch, subcommand, arguments);
    if (ran->code != code)
        fail_msg("khatm %s %s: exit %d: %s%s", subcommand, arguments, ran->code, ran->out, ran->err);
    for (; *words; words++)
        if (!strstr(code ? ran->err : ran->out, *words))
            fail_msg("khatm %s %s: no '%s' in: %s%s", subcommand, arguments, *words, ran->out, ran->err);
    if (code)
        assert_string_equal(ran->out, "");
    free(ran);
}

#define EXPECT(scratch, subcommand, arguments, code, ...)                                                    \
    expect(scratch, subcommand, arguments, code, (const char *const[]){__VA_ARGS__, NULL})

static void make_journal(const struct scratch *scratch, const char *sha256,
                         char references[3][REFERENCE_BYTES])
{
    struct journal *journal = open_journal(scratch);
    struct sample sample;
    for (int i = 0; i < 3; i++) {
        sample_make(&sample);
        sample.record.time_ms += (int64_t)i * 24 * 60 * 60 * 1000;
        sample.documents[0].sha256 = sha256;
        if (i == 1) {
            sample.record.verdict = VERDICT_SEAL;
            sample.record.reason = REASON_NONE;
            sample.record.rcpts = &sample.rcpts[1];
            sample.record.n_rcpts = 1;
        }
        if (i == 2) {
            sample.record.observed = true;
            sample.documents[0].name = NULL;
        }
        memcpy(references[i], sample.record.reference, REFERENCE_BYTES);
        journal_replied(journal, append(journal, &sample.record), true);
    }
    sample_make(&sample);
    sample.record.verdict = VERDICT_PASS;
    sample.record.reason = REASON_NONE;
    sample.record.n_documents = 0;
    sample.record.message_id = "<other@interieur.gov.example>";
    (void)append(journal, &sample.record);
    journal_close(journal);
}

static void digest_of_file(const struct scratch *scratch, char sha256[65])
{
    shell("cd %s && printf '%%s\\n' sample >'a file' && sha256sum <'a file' | cut -c1-64 >digest",
          scratch->folder);
    slurp(scratch, "digest", sha256, 65);
}

static void test_trace(void **state)
{
    struct scratch *scratch = *state;
    char references[3][REFERENCE_BYTES], sha256[65], lower[64], digest[80];
    digest_of_file(scratch, sha256);
    make_journal(scratch, sha256, references);
    (void)snprintf(lower, sizeof lower, "kh%.4s%.4s", references[0] + 3, references[0] + 8);
    (void)snprintf(digest, sizeof digest, "%s", sha256);
    EXPECT(scratch, "trace", references[0], 0, references[0], "2026-11-20 21:34:05 UTC", "refused  CONSUMER",
           "quelquun@gmail.com", "not sent: the message was refused as a whole", "rapport été تقرير.pdf",
           sha256, "number 1715/1232/A", "from 192.0.2.7", "circulaire 12",
           "Other records with these documents", references[1], references[2],
           "observed only: it went out unchanged", "refused CONSUMER; rapport été تقرير.pdf and 1 more\n");
    EXPECT(scratch, "trace", lower, 0, references[0]);
    EXPECT(scratch, "trace", "'a file'", 0, references[0], references[1], references[2], sha256);
    EXPECT(scratch, "trace", digest, 0, references[0], references[1]);
    EXPECT(scratch, "trace", "'<a.b@interieur.gov.example>'", 0, references[0]);
    EXPECT(scratch, "trace", "a.b@interieur.gov.example", 0, references[0]);
    EXPECT(scratch, "trace", "chef@interieur.gov.example", 0, references[0], references[2]);
    EXPECT(scratch, "trace", "1715-1232/A", 0, references[0]);
    EXPECT(scratch, "trace", "'n° A / 1232 - 1715'", 0, references[0]);
    EXPECT(scratch, "trace", "١٧١٥-١٢٣٢/A", 0, references[0]);
    EXPECT(scratch, "trace", "'2026 / د م ق / ٧٧١'", 0, references[0]);
    EXPECT(scratch, "trace", "KH-0000-0000", 1, "no record has this reference");
    EXPECT(scratch, "trace", "/etc/hostname", 1, "no record has a document with exactly these bytes");
    EXPECT(scratch, "trace", "nobody@nowhere.example", 1, "nobody@nowhere.example");
    EXPECT(scratch, "trace", "'<nobody@nowhere.example>'", 1, "no record has this Message-ID");
    EXPECT(scratch, "trace", "no-such-file.pdf", 1, "no such file");
    EXPECT(scratch, "trace", "", 64, "trace what?");
    EXPECT(scratch, "trace", "a b", 64, "one thing");
    EXPECT(scratch, "trace", "--frob x", 64, "--frob", "khatm trace --help");
    EXPECT(scratch, "trace", "--config x y", 64, "not both");
    shell("cd %s && " KHATM " trace --json --journal %s %s >out && " CHECK " trace " SCHEMA " out",
          scratch->folder, scratch->store, references[0]);
}

static void test_trace_prints_each_record_once_in_order(void **state)
{
    struct scratch *scratch = *state;
    char references[3][REFERENCE_BYTES];
    make_journal(scratch, SAMPLE_SHA, references);
    struct ran *ran = run(scratch, "trace", references[1]);
    const char *asked = strstr(ran->out, references[1]), *first = strstr(ran->out, references[0]),
               *last = strstr(ran->out, references[2]);
    assert_true(asked && first && last && asked < first && first < last);
    /* Then all of them in one line each, in the order in which they were. */
    const char *in_short = strstr(ran->out, "In short:");
    const char *again = strstr(asked + 1, references[1]);
    assert_true(in_short && again && last < in_short);
    assert_true(in_short < strstr(in_short, references[0]) && strstr(in_short, references[0]) < again &&
                again < strstr(in_short, references[2]));
    assert_null(strstr(again + 1, references[1]));
    free(ran);
}

static void test_report(void **state)
{
    struct scratch *scratch = *state;
    char references[3][REFERENCE_BYTES];
    make_journal(scratch, SAMPLE_SHA, references);
    EXPECT(scratch, "report", "", 0, "records 0 to 3", "Gaps      none",
           "refused                                   1", "sealed                                    1",
           "gmail.com                                 1",
           "CONSUMER                                  1   consumer mail provider",
           "interieur.gov.example                     1", "Would have been refused (mode observe)",
           references[0], references[2]);
    EXPECT(scratch, "report", "--since 2026-11-21 --until 2026-11-21", 0, "records 1 to 1",
           "from 2026-11-21 00:00:00 before 2026-11-22 00:00:00");
    EXPECT(scratch, "report", "--since 2030-01-01", 0, "nothing: the journal has no record of this period");
    EXPECT(scratch, "report", "--since 2026-02-30", 64, "YYYY-MM-DD");
    EXPECT(scratch, "report", "--since 0d", 64, "YYYY-MM-DD, or 7d");
    EXPECT(scratch, "report", "--until yesterday", 64, "YYYY-MM-DD");
    EXPECT(scratch, "report", "--since 2026-11-22 --until 2026-11-21", 64, "--since is after --until");
    EXPECT(scratch, "report", "--format pdf", 64, "text, csv, json or html");
    EXPECT(scratch, "report", "more", 64, "only options");
    EXPECT(scratch, "report", "--format html --language de", 64, "fr or ar");
    EXPECT(scratch, "report", "--language ar", 64, "--language is for --format html");
    EXPECT(scratch, "report", "--format html --language ar", 0, "<td>1 للاستعمال الإداري</td>",
           "بريد إلكتروني شخصي");
    EXPECT(scratch, "report", "--format html", 0, references[0], references[2], "messagerie grand public",
           "<td>1 Interne</td>", "<td>(sans nom)<br>", "Auraient été refusés (mode observation)",
           "gmail.<wbr>com", " (adressé à <bdi>alias@",
           "not looked at: with --journal no configuration is read");
    shell("cd %s && " KHATM " report --format html --language ar --journal %s >out && " CHECK " html ar out",
          scratch->folder, scratch->store);
    shell("cd %s && " KHATM " report --format html --since 2030-01-01 --journal %s >out && " CHECK
          " html fr out && test $(grep -c '<p>aucun</p>' out) = 5",
          scratch->folder, scratch->store);
    shell("cd %s && " KHATM " report --format json --journal %s >out && " CHECK " json " SCHEMA " out",
          scratch->folder, scratch->store);
    shell("cd %s && " KHATM " report --format csv --journal %s >out && " CHECK " csv out 2", scratch->folder,
          scratch->store);
    shell("cd %s && " KHATM " report --since 2030-01-01 --format json --journal %s >out && " CHECK
          " json " SCHEMA " out",
          scratch->folder, scratch->store);
}

static void test_each_refused_recipient_has_its_reason(void **state)
{
    struct scratch *scratch = *state;
    struct journal *journal = open_journal(scratch);
    struct sample sample;
    sample_make(&sample);
    sample.rcpts[1].verdict = VERDICT_REJECT;
    sample.rcpts[1].reason = REASON_NO_KEY;
    sample.rcpts[1].rule = "no-key";
    (void)append(journal, &sample.record);
    journal_close(journal);
    EXPECT(scratch, "report", "", 0, "basis       of out-consumer: circulaire 12");
    EXPECT(scratch, "report", "--format csv", 0, ",CONSUMER,5.7.1,out-consumer,circulaire 12,",
           ",NO-KEY,5.7.10,no-key,,");
    EXPECT(scratch, "report", "--format html", 0, "<bdi>CONSUMER</bdi> – messagerie grand public</td>",
           "<bdi>NO-KEY</bdi> – aucune clé utilisable pour le destinataire<br>");
}

static void test_missing_records_are_said(void **state)
{
    struct scratch *scratch = *state;
    char references[3][REFERENCE_BYTES];
    make_journal(scratch, SAMPLE_SHA, references);
    shell("/usr/bin/python3 -c 'import sqlite3; d = sqlite3.connect(\"%s\");"
          " d.execute(\"DELETE FROM record WHERE sequence = 1\"); d.commit()'",
          scratch->path);
    EXPECT(scratch, "report", "", 0, "1 record is missing: 1\n");
    EXPECT(scratch, "report", "--format html", 0, "<strong>1 en tout, à savoir : <bdi>1</bdi></strong>");
    EXPECT(scratch, "report", "--format json", 0, "\"missing\":1,\"gaps\":[{\"first\":1,\"last\":1}]");
}

static const char *const hostile[] = {
    "=HYPERLINK(\"http://x.example\";\"y\")",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "a\r\nb,c\n\"d\";e",
    "\t=1",
    "\033]0;owned\007\033[2J",
    "\xc2\x9b"
    "31m",
    "fdp.\xe2\x80\xae"
    "exe\xe2\x81\xa6\xd8\x9c",
    "\xff\xfe\x80 latin1 \xe9t\xe9",
    "<script>alert(1)</script>&amp;",
    "%s%n%x",
    "(erased)",
};

static void test_hostile_values_are_harmless(void **state)
{
    enum { HOSTILE = sizeof hostile / sizeof *hostile };
    struct scratch *scratch = *state;
    struct journal *journal = open_journal(scratch);
    for (size_t i = 0; i < HOSTILE; i++) {
        struct sample sample;
        char address[128];
        sample_make(&sample);
        (void)snprintf(address, sizeof address, "%s@%s", hostile[i], hostile[i]);
        sample.record.login = sample.record.envelope_from = sample.record.from = address;
        sample.record.message_id = sample.record.queue_id = sample.record.client_address = hostile[i];
        sample.record.rule = sample.record.basis = sample.record.detail = hostile[i];
        sample.rcpts[0].address = i % 2 ? address : hostile[i];
        sample.documents[0].name = sample.documents[0].kind = sample.documents[0].path = hostile[i];
        sample.documents[0].sha256 = sample.numbers[0] = hostile[i];
        (void)append(journal, &sample.record);
    }
    journal_close(journal);
    shell("cd %s && " KHATM " report --journal %s >out && " CHECK " text out", scratch->folder,
          scratch->store);
    shell("cd %s && " KHATM " trace --journal %s note@finances.gov.example >out && " CHECK " text out",
          scratch->folder, scratch->store);
    shell("cd %s && " KHATM " report --format csv --journal %s >out && " CHECK " csv out %d", scratch->folder,
          scratch->store, (int)HOSTILE);
    shell("cd %s && " KHATM " report --format html --journal %s >out && " CHECK " html fr out",
          scratch->folder, scratch->store);
    shell("cd %s && " KHATM " report --format json --journal %s >out && " CHECK " json " SCHEMA " out",
          scratch->folder, scratch->store);
    shell("cd %s && " KHATM " trace --json --journal %s note@finances.gov.example >out && " CHECK
          " trace " SCHEMA " out",
          scratch->folder, scratch->store);
}

static void test_erased_persons(void **state)
{
    struct scratch *scratch = *state;
    char references[3][REFERENCE_BYTES];
    make_journal(scratch, SAMPLE_SHA, references);
    shell("/usr/bin/python3 -c 'import sqlite3; d = sqlite3.connect(\"%s\");"
          " d.execute(\"DELETE FROM identity_key\"); d.commit()'",
          scratch->path);
    EXPECT(scratch, "trace", references[0], 0, "by          (erased)", "to          (erased)",
           "document    (erased)", SAMPLE_SHA);
    EXPECT(scratch, "trace", SAMPLE_LOGIN, 1, "no record has this");
    EXPECT(scratch, "report", "", 0, "(erased)                                  1");
    EXPECT(scratch, "report", "--format html", 0, "(effacé)");
    EXPECT(scratch, "report", "--format html --language ar", 0, "(ممحو)");
    shell("cd %s && ! grep '(erased)\\|(none)' out", scratch->folder);
    EXPECT(scratch, "report", "--format json", 0, "\"login\":null", "\"/sender/login\"",
           "\"/recipients/0/address\"");
    shell("cd %s && " KHATM " report --format json --journal %s >out && " CHECK " json " SCHEMA " out",
          scratch->folder, scratch->store);
}

static void test_journals_that_cannot_be_read(void **state)
{
    struct scratch *scratch = *state;
    EXPECT(scratch, "trace", "KH-0000-0000", 74, "cannot be opened");
    EXPECT(scratch, "report", "", 74, "cannot be opened");
    shell("echo no journal at all, only some text > %s", scratch->path);
    EXPECT(scratch, "report", "", 74, "not a Khatm journal");
    int status = system(KHATM " report --config /nonexistent/khatm.conf >/dev/null 2>&1");
    assert_int_equal(WEXITSTATUS(status), 78);
}

static void test_full_disk_is_no_report(void **state)
{
    struct scratch *scratch = *state;
    char references[3][REFERENCE_BYTES], command[256];
    make_journal(scratch, SAMPLE_SHA, references);
    (void)snprintf(command, sizeof command, KHATM " report --journal %s >/dev/full 2>/dev/null",
                   scratch->store);
    int status = system(command);
    assert_int_equal(WEXITSTATUS(status), 74);
}

static void test_help_and_version(void **state)
{
    (void)state;
    static const struct {
        const char *name, *command;
        int code;
    } rows[] = {
        {"help", KHATM " --help | grep -q '^  report '", 0},
        {"help of a command", KHATM " trace --help | grep -q 'usage: khatm trace'", 0},
        {"help after other options", KHATM " report --since 7d --help | grep -q 'usage: khatm report'", 0},
        {"version", KHATM " --version | grep -Eq '^khatm [0-9]+\\.[0-9]+\\.[0-9]+$'", 0},
        {"help fits a console",
         "for c in '' check explain trace report domains keys tickets reload audit doctor; do " KHATM
         " $c --help; done | awk 'length > 80 { print; long = 1 } END { exit long || NR < 150 }' >&2",
         0},
        {"no command", KHATM " 2>/dev/null", 64},
        {"unknown command", KHATM " frobnicate 2>&1 | grep -q \"no command 'frobnicate'\"", 0},
        {"unknown command's code", KHATM " frobnicate 2>/dev/null", 64},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status = system(rows[i].command);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != rows[i].code)
            fail_msg("%s: status %d", rows[i].name, status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_trace, setup, teardown),
        cmocka_unit_test_setup_teardown(test_trace_prints_each_record_once_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_report, setup, teardown),
        cmocka_unit_test_setup_teardown(test_each_refused_recipient_has_its_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_records_are_said, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile_values_are_harmless, setup, teardown),
        cmocka_unit_test_setup_teardown(test_erased_persons, setup, teardown),
        cmocka_unit_test_setup_teardown(test_journals_that_cannot_be_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full_disk_is_no_report, setup, teardown),
        cmocka_unit_test(test_help_and_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
