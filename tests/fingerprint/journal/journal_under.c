/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_under.h"

#include "inspector/normal.h"
#include "inspector/text_sink.h"
#include "policy/fold.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 60000 };

static struct letter letter;
static struct text_finding finding;
static char path[256];

void need(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "%s\n", what);
    exit(1);
}

static double seconds(clockid_t clock)
{
    struct timespec time;
    (void)clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double wall_now(void)
{
    return seconds(CLOCK_MONOTONIC);
}

double processor_now(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

void letters_prepare(void)
{
    struct fold *fold = NULL;
    size_t size;
    need(fold_make(&fold, &size) == POLICY_OK, "no Unicode data");
    normal_prepare(fold);
    corpus_prepare();
}

struct record_text plain_text(const char *text, size_t size)
{
    static const struct text_about about = {.kind = "text/plain"};
    struct text_sink *sink = text_sink_open(&about);
    need(sink != NULL, "no memory");
    text_sink_text(sink, TEXT_BODY, text, size);
    text_sink_close(sink, &finding);
    return (struct record_text){.sha256 = finding.has_sha256 ? finding.sha256 : NULL,
                                .sketch = finding.sketch_size ? finding.sketch : NULL,
                                .sketch_size = finding.sketch_size};
}

struct record_text letter_text(uint64_t number, bool template, enum change change)
{
    size_t size;
    corpus_letter(&letter, number, template);
    char *text = change_print(&letter, change, number, &size);
    struct record_text result = plain_text(text, size);
    free(text);
    return result;
}

static struct journal *open_it(void)
{
    char store[300];
    struct journal *journal = NULL;
    struct problem problem;
    (void)snprintf(store, sizeof store, "sqlite:%s", path);
    if (journal_open(store, WAIT_MS, &journal, &problem) != RESULT_OK)
        need(false, problem.text);
    return journal;
}

void journal_use(const char *folder)
{
    (void)snprintf(path, sizeof path, "%s/khatm-texts.db", folder);
}

void journal_make(const char *folder)
{
    journal_use(folder);
    need(access(path, F_OK) != 0, "khatm-texts.db is there already");
    journal_close(open_it());
}

struct journal *journal_reopen(struct journal *journal)
{
    journal_close(journal);
    return open_it();
}

const char *journal_file(void)
{
    return path;
}

void journal_remove(void)
{
    char beside[300];
    (void)unlink(path);
    (void)snprintf(beside, sizeof beside, "%s-wal", path);
    (void)unlink(beside);
    (void)snprintf(beside, sizeof beside, "%s-shm", path);
    (void)unlink(beside);
}

static void append(struct journal *journal, const struct record_text *text, char reference[REFERENCE_BYTES])
{
    struct problem problem;
    uint64_t sequence;
    struct record_document document = {.path = "2", .kind = "text/plain", .text = text};
    struct record record = {.time_ms = 1795210445000,
                            .node = "gw1",
                            .login = "agent@interieur.gov.example",
                            .sender = SENDER_STAFF,
                            .verdict = VERDICT_SEAL,
                            .documents = &document,
                            .n_documents = 1};
    need(journal_reference(record.reference) == RESULT_OK, "no reference");
    if (journal_append(journal, &record, &sequence, &problem) != RESULT_OK)
        need(false, problem.text);
    (void)memcpy(reference, record.reference, REFERENCE_BYTES);
}

struct text_match journal_keep(struct journal *journal, const struct record_text *text,
                               char reference[REFERENCE_BYTES])
{
    struct record_text with_match = *text;
    journal_match_text(journal, text, &with_match.match);
    need(with_match.match.known != FACT_UNKNOWN, "the journal cannot tell");
    append(journal, &with_match, reference);
    return with_match.match;
}

void journal_append_text(struct journal *journal, const struct record_text *text)
{
    char reference[REFERENCE_BYTES];
    append(journal, text, reference);
}
