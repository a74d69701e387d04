/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_JOURNAL_SAMPLE_H
#define KHATM_TESTS_JOURNAL_SAMPLE_H

/* A scratch folder and a record to put into a journal there, for the tests of journal, trace and report. */

#include "base/text.h"
#include "journal/journal.h"

#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SAMPLE_TIME = 1795210445, SAMPLE_WAIT_MS = 2000 }; /* 2026-11-20T21:34:05Z */

#define SAMPLE_SHA   "3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855a"
#define SAMPLE_LOGIN "agent@interieur.gov.example"

struct scratch {
    char folder[64], path[96], store[128];
};

static inline void scratch_make(struct scratch *scratch)
{
    (void)snprintf(scratch->folder, sizeof scratch->folder, "/tmp/khatm-test-journal-XXXXXX");
    assert_non_null(mkdtemp(scratch->folder));
    assert_int_equal(chmod(scratch->folder, 0755), 0);
    (void)snprintf(scratch->path, sizeof scratch->path, "%s/journal.db", scratch->folder);
    (void)snprintf(scratch->store, sizeof scratch->store, "sqlite:%s", scratch->path);
}

static inline void PRINTF_LIKE(1, 2) shell(const char *format, ...)
{
    char command[2048];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(command, sizeof command, format, args);
    va_end(args);
    int status = system(command);
    if (status != 0)
        fail_msg("%s: status %d", command, status);
}

static inline void scratch_remove(const struct scratch *scratch)
{
    shell("rm -rf '%s'", scratch->folder);
}

static inline struct journal *open_journal(const struct scratch *scratch)
{
    struct journal *journal = NULL;
    struct problem problem = {{0}};
    if (journal_open(scratch->store, SAMPLE_WAIT_MS, &journal, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    return journal;
}

struct sample {
    struct record record;
    struct record_rcpt rcpts[2];
    struct record_document documents[2];
    const char *numbers[4];
};

static inline void sample_make(struct sample *sample)
{
    *sample = (struct sample){
        .numbers = {"1715/1232/A", "2026/88", "771/د/م/ق/2026", NULL},
        .rcpts = {{"quelquun@gmail.com", RCPT_CONSUMER, VERDICT_REJECT, REASON_CONSUMER, "out-consumer",
                   "alias@interieur.gov.example"},
                  {"note@finances.gov.example", RCPT_GOVERNMENT, VERDICT_SEAL, REASON_NONE, "out-government",
                   NULL}},
        .documents =
            {{.path = "2",
              .name = "rapport été تقرير.pdf",
              .kind = "application/pdf",
              .level = 1,
              .caveats = CAVEAT_DCP | CAVEAT_URGENT,
              .unread = true,
              .size_bytes = 1234567,
              .sha256 = SAMPLE_SHA,
              .references = sample->numbers},
             {.path = "3!dossier/liste.txt", .kind = "text/plain", .opaque = true, .ambiguous = true}},
        .record = {.time_ms = (int64_t)SAMPLE_TIME * 1000 + 7,
                   .node = "gw1.interieur.gov.example",
                   .queue_id = "4XyZ12",
                   .message_id = "<a.b@interieur.gov.example>",
                   .client_address = "192.0.2.7",
                   .login = SAMPLE_LOGIN,
                   .envelope_from = SAMPLE_LOGIN,
                   .from = "chef@interieur.gov.example",
                   .role = ROLE_SUBMISSION,
                   .sender = SENDER_STAFF,
                   .lacks = LACK_TLS,
                   .verdict = VERDICT_REJECT,
                   .reason = REASON_CONSUMER,
                   .rule = "out-consumer",
                   .policy_digest = "0123abcd",
                   .basis = "circulaire 12",
                   .level = 1,
                   .caveats = CAVEAT_DCP | CAVEAT_URGENT,
                   .content = CONTENT_DOCUMENT,
                   .alert = true,
                   .proven = true,
                   .forward = FORWARD_AUTOMATIC | FORWARD_NESTED,
                   .ticket = "KH-7F3K-29QX",
                   .n_rcpts = 2,
                   .n_documents = 2,
                   .detail = "a detail"},
    };
    sample->record.rcpts = sample->rcpts;
    sample->record.documents = sample->documents;
    assert_int_equal(journal_reference(sample->record.reference), RESULT_OK);
}

static inline uint64_t append(struct journal *journal, const struct record *record)
{
    struct problem problem = {{0}};
    uint64_t sequence = UINT64_MAX;
    if (journal_append(journal, record, &sequence, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    return sequence;
}

/* As somebody with the file in hand would. */
static inline void change_store(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* How many records answer; `visit` may be NULL. */
struct counting {
    size_t n;
    void (*visit)(const struct record *record, void *context);
    void *context;
};

static inline int count_one(const struct record *record, void *context)
{
    struct counting *counting = context;
    counting->n++;
    if (counting->visit)
        counting->visit(record, counting->context);
    return 0;
}

static inline size_t find(struct journal *journal, struct journal_query query,
                          void (*visit)(const struct record *record, void *context), void *context)
{
    struct counting counting = {.visit = visit, .context = context};
    struct problem problem = {{0}};
    if (journal_find(journal, &query, count_one, &counting, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    return counting.n;
}

#endif
