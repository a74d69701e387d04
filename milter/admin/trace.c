/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/command.h"
#include "admin/lineage.h"
#include "admin/number.h"
#include "admin/printer.h"
#include "admin/source.h"
#include "base/digest.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char usage_trace[] = "usage: khatm trace [--config FILE | --journal STORE] [--json] WHAT\n"
                           "\n"
                           "Where did this document or message go, through whose hands, and what was\n"
                           "decided?\n"
                           "\n"
                           "WHAT is one of\n"
                           "  KH-XXXX-XXXX    the reference of a refusal or record; also others with its\n"
                           "                  documents or their text\n"
                           "  a file          records of documents with exactly these bytes\n"
                           "  a SHA-256       64 hexadecimal digits, of a document or of a sealed message\n"
                           "  <id@host>       a Message-ID; without <>, when no message has it, the address\n"
                           "                  of a person\n"
                           "  anything else   the number of a document, or else a login\n"
                           "\n"
                           "  --config FILE   the gateway's configuration (" COMMAND_DEFAULT_CONFIG ")\n"
                           "  --journal STORE read this journal and no configuration: sqlite:/path\n"
                           "  --json          one JSON object\n"
                           "\n"
                           "Exit: 0 found, 1 nothing found, 64 usage, 65 file unreadable, 74 journal\n"
                           "unreadable, 78 configuration\n";

enum { EXIT_NOTHING = 1, DIGESTS_MAX = 1000 };

enum question_kind { ASK_REFERENCE, ASK_FILE, ASK_SHA256, ASK_MESSAGE_ID, ASK_PERSON, ASK_NUMBER };

struct question {
    enum question_kind kind;
    const char *text;                /* as typed */
    char reference[REFERENCE_BYTES]; /* ASK_REFERENCE */
    char sha256[DIGEST_HEX];         /* ASK_FILE, ASK_SHA256 */
};

struct trace {
    struct question question;
    struct printer printer;
    struct lineage lineage;
    bool json;
    bool others;                           /* printing what shares a document with the record asked for */
    bool failed;                           /* no memory */
    uint64_t asked;                        /* sequence of that record */
    size_t n_records;                      /* printed */
    char digests[DIGESTS_MAX][DIGEST_HEX]; /* of its documents */
    size_t n_digests;
};

static const char *question_name(enum question_kind kind)
{
    switch (kind) {
    case ASK_REFERENCE:
        return "reference";
    case ASK_FILE:
        return "file";
    case ASK_SHA256:
        return "sha256";
    case ASK_MESSAGE_ID:
        return "message-id";
    case ASK_PERSON:
        return "person";
    case ASK_NUMBER:
        return "number";
    }
    return "?";
}

/* EX_OK, or EX_DATAERR with a complaint. */
static int digest_file(const char *argv0, const char *path, char hex[DIGEST_HEX])
{
    enum { CHUNK = 65536 };
    char chunk[CHUNK];
    uint8_t sum[DIGEST_BYTES];
    ssize_t size = -1;
    struct digest *digest = digest_new();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int code = EX_DATAERR;
    if (!digest || fd < 0)
        goto out;
    while ((size = read(fd, chunk, sizeof chunk)) > 0)
        digest_update(digest, chunk, (size_t)size);
    if (size < 0 || digest_finish(digest, sum) != RESULT_OK)
        goto out;
    hex_encode(sum, sizeof sum, hex);
    code = EX_OK;
out:
    if (code != EX_OK)
        (void)fprintf(stderr, "%s: %s: cannot be read: %s\n", argv0, path, strerror(errno));
    fd_close(&fd);
    digest_free(digest);
    return code;
}

static bool read_sha256(const char *text, char hex[DIGEST_HEX])
{
    uint8_t bytes[DIGEST_BYTES];
    if (hex_decode(text, bytes, sizeof bytes) != RESULT_OK)
        return false;
    hex_encode(bytes, sizeof bytes, hex);
    return true;
}

static int read_question(const char *argv0, const char *text, struct question *question)
{
    struct stat status;
    *question = (struct question){.text = text, .kind = ASK_NUMBER};
    if (number_reference(text, question->reference)) {
        question->kind = ASK_REFERENCE;
    } else if (stat(text, &status) == 0 && !S_ISDIR(status.st_mode)) {
        question->kind = ASK_FILE;
        return digest_file(argv0, text, question->sha256);
    } else if (read_sha256(text, question->sha256)) {
        question->kind = ASK_SHA256;
    } else if (strchr(text, '@')) {
        question->kind = ASK_MESSAGE_ID;
    }
    return EX_OK;
}

static void remember_digests(struct trace *trace, const struct record *record)
{
    trace->asked = record->sequence;
    for (size_t i = 0; i < record->n_documents && trace->n_digests < DIGESTS_MAX; i++)
        if (record->documents[i].sha256 &&
            read_sha256(record->documents[i].sha256, trace->digests[trace->n_digests]))
            trace->n_digests++;
    if (record->sealed_sha256 && trace->n_digests < DIGESTS_MAX &&
        read_sha256(record->sealed_sha256, trace->digests[trace->n_digests]))
        trace->n_digests++;
}

static void print_head(struct trace *trace)
{
    const struct question *question = &trace->question;
    FILE *out = trace->printer.out;
    if (trace->json) {
        char *text = printer_string_json(question->text);
        (void)fprintf(out, "{\"schema\":1,\"query\":{\"kind\":\"%s\",\"text\":%s,\"sha256\":",
                      question_name(question->kind), text ? text : "null");
        if (*question->sha256)
            (void)fprintf(out, "\"%s\"},\"records\":[", question->sha256);
        else
            (void)fputs("null},\"records\":[", out);
        free(text);
        return;
    }
    if (question->kind == ASK_FILE || question->kind == ASK_SHA256)
        (void)fprintf(out, "Document with SHA-256 %s\n\n", question->sha256);
}

static int print_record(const struct record *record, void *context)
{
    struct trace *trace = context;
    FILE *out = trace->printer.out;
    if (trace->others && record->sequence == trace->asked)
        return 0;
    if (trace->n_records++ == 0)
        print_head(trace);
    if (trace->question.kind == ASK_REFERENCE && !trace->others)
        remember_digests(trace, record);
    if (!trace->json) {
        if (trace->others && trace->n_records == 2)
            (void)fputs("Other records with these documents, or with their text:\n\n", out);
        printer_record(&trace->printer, record);
        lineage_add(&trace->lineage, record);
        return 0;
    }
    char *text = printer_record_json(record);
    trace->failed |= text == NULL;
    (void)fprintf(out, "%s\n%s", trace->n_records > 1 ? "," : "", text ? text : "null");
    free(text);
    return 0;
}

/* By the first of its keys that any record has. */
static enum result ask_number(struct trace *trace, struct journal *journal, struct problem *problem)
{
    char keys[NUMBER_KEYS][REFERENCE_KEY_ROOM];
    size_t n;
    enum result result = number_keys(trace->question.text, keys, &n);
    if (result != RESULT_OK)
        return problem_set(problem, result, "no memory to read the number");
    for (size_t i = 0; result == RESULT_OK && !trace->n_records && i < n; i++) {
        const struct journal_query query = {.reference_number = keys[i]};
        result = journal_find(journal, &query, print_record, trace, problem);
    }
    return result;
}

static enum result ask(struct trace *trace, struct journal *journal, struct problem *problem)
{
    const struct question *question = &trace->question;
    struct journal_query query = {0};
    switch (question->kind) {
    case ASK_REFERENCE:
        query.reference = question->reference;
        break;
    case ASK_FILE:
    case ASK_SHA256:
        query.sha256 = question->sha256;
        break;
    case ASK_MESSAGE_ID:
        query.message_id = question->text;
        break;
    case ASK_PERSON:
        query.person = question->text;
        break;
    case ASK_NUMBER:
        return ask_number(trace, journal, problem);
    }
    return journal_find(journal, &query, print_record, trace, problem);
}

static enum result ask_others(struct trace *trace, struct journal *journal, struct problem *problem)
{
    const char *any[DIGESTS_MAX + 1] = {NULL};
    const struct journal_query query = {.any_sha256 = any, .kin_of = &trace->asked};
    for (size_t i = 0; i < trace->n_digests; i++)
        any[i] = trace->digests[i];
    trace->others = true;
    return trace->n_records ? journal_find(journal, &query, print_record, trace, problem) : RESULT_OK;
}

static enum result answer(struct trace *trace, struct journal *journal, struct problem *problem)
{
    enum result result = ask(trace, journal, problem);
    bool maybe_person = trace->question.kind == ASK_NUMBER ||
                        (trace->question.kind == ASK_MESSAGE_ID && *trace->question.text != '<');
    if (result == RESULT_OK && !trace->n_records && maybe_person) {
        trace->question.kind = ASK_PERSON;
        result = ask(trace, journal, problem);
    }
    if (result == RESULT_OK && trace->question.kind == ASK_REFERENCE)
        result = ask_others(trace, journal, problem);
    return result;
}

static void print_nothing(const struct trace *trace, const char *argv0)
{
    static const char *const words[] = {
        [ASK_REFERENCE] = "no record has this reference",
        [ASK_FILE] = "no record has a document with exactly these bytes",
        [ASK_SHA256] = "no record has a document with this SHA-256",
        [ASK_MESSAGE_ID] = "no record has this Message-ID",
        [ASK_PERSON] = "no such file, and no record has this Message-ID, number or person",
        [ASK_NUMBER] = "no record has this number",
    };
    struct buffer safe;
    buffer_init(&safe, 0);
    printer_safe(&safe, trace->question.text, TEXT_SHOWN_MAX);
    (void)fprintf(stderr, "%s: %s: %s\n", argv0, buffer_text(&safe), words[trace->question.kind]);
    buffer_free(&safe);
}

static int run(const struct source *source, struct trace *trace)
{
    struct problem problem = {{0}};
    struct journal *journal = NULL;
    int code = source_open(source, &journal);
    if (code != EX_OK)
        return code;
    enum result result = answer(trace, journal, &problem);
    journal_close(journal);
    if (trace->json && trace->n_records)
        (void)fputs("\n]}\n", trace->printer.out);
    if (trace->question.kind != ASK_PERSON)
        lineage_print(&trace->lineage, &trace->printer);
    trace->failed |= trace->lineage.failed;
    lineage_free(&trace->lineage);
    if (result != RESULT_OK)
        return source_failed(source, &problem);
    if (trace->failed) {
        (void)fprintf(stderr, "%s: no memory for the answer\n", source->argv0);
        return EX_IOERR;
    }
    if (trace->n_records)
        return EX_OK;
    print_nothing(trace, source->argv0);
    return EXIT_NOTHING;
}

int cmd_trace(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"journal", required_argument, NULL, 'J'},
                                            {"json", no_argument, NULL, 'j'},
                                            {0}};
    struct source source = {.argv0 = argv[0]};
    struct trace trace = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'c')
            source.config = optarg;
        else if (option == 'J')
            source.journal = optarg;
        else if (option == 'j')
            trace.json = true;
        else
            return command_usage_error(argv[0], NULL);
    }
    if (argc - optind != 1)
        return command_usage_error(argv[0], argc == optind ? "trace what?" : "one thing at a time");
    if (source.config && source.journal)
        return command_usage_error(argv[0], "--config or --journal, not both");
    printer_init(&trace.printer, stdout);
    int code = read_question(argv[0], argv[optind], &trace.question);
    return code == EX_OK ? run(&source, &trace) : code;
}
