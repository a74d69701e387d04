/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/journal.h"

#include "base/clock.h"
#include "base/text.h"
#include "journal/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WAIT_MIN_MS = 50, WAIT_MAX_MS = 600000, READER_WAIT_MS = 5000, PATH_BYTES = 1024 };

struct journal {
    char path[PATH_BYTES];
    int64_t wait_ms;
    struct writer *writer; /* NULL: open for reading only */
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t idle;
    bool reading;         /* a thread has the reader */
    struct store *reader; /* NULL: to be opened */
};

static enum result journal_new(const char *store, int64_t wait_ms, struct journal **journal_out,
                               struct problem *problem)
{
    static const char prefix[] = "sqlite:";
    const char *path = store + sizeof prefix - 1;
    if (!text_starts_nocase(store, prefix) || !*path || strlen(path) >= PATH_BYTES)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "journal store '%s': unknown kind: write \"sqlite:/path\"", store);
    struct journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return problem_set(problem, RESULT_TRY_LATER, "journal %s: no memory to open it", path);
    (void)snprintf(journal->path, sizeof journal->path, "%s", path);
    journal->wait_ms = wait_ms < WAIT_MIN_MS ? WAIT_MIN_MS : wait_ms > WAIT_MAX_MS ? WAIT_MAX_MS : wait_ms;
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&journal->idle, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&journal->mutex, NULL);
    *journal_out = journal;
    return RESULT_OK;
}

static enum result settle(struct store *store, struct problem *problem)
{
    enum result result = store_begin(store, problem);
    if (result == RESULT_OK)
        result = store_settle(store, clock_wall_ms(), problem);
    if (result == RESULT_OK)
        result = store_commit(store, problem);
    store_rollback(store);
    return result;
}

enum result journal_open(const char *store, int64_t wait_ms, struct journal **journal_out,
                         struct problem *problem)
{
    struct journal *journal = NULL;
    struct store *opened = NULL;
    enum result result = journal_new(store, wait_ms, &journal, problem);
    if (!journal)
        return result;
    result = store_open(journal->path, STORE_CREATE, journal->wait_ms, &opened, problem);
    if (result == RESULT_OK)
        result = settle(opened, problem);
    if (result == RESULT_OK)
        result = writer_new(journal->path, journal->wait_ms, opened, &journal->writer, problem);
    if (result != RESULT_OK) {
        store_close(opened);
        journal_close(journal);
        return result;
    }
    *journal_out = journal;
    return RESULT_OK;
}

enum result journal_open_readonly(const char *store, struct journal **journal_out, struct problem *problem)
{
    struct journal *journal = NULL;
    enum result result = journal_new(store, READER_WAIT_MS, &journal, problem);
    if (!journal)
        return result;
    result = store_open(journal->path, STORE_READ, journal->wait_ms, &journal->reader, problem);
    if (result != RESULT_OK) {
        journal_close(journal);
        return result;
    }
    *journal_out = journal;
    return RESULT_OK;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    writer_free(journal->writer);
    store_close(journal->reader);
    (void)pthread_mutex_destroy(&journal->mutex);
    (void)pthread_cond_destroy(&journal->idle);
    free(journal);
}

enum result journal_reference(char reference[REFERENCE_BYTES])
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint8_t random[8];
    if (random_bytes(random, sizeof random) != RESULT_OK)
        return RESULT_TRY_LATER;
    char *to = reference;
    *to++ = 'K';
    *to++ = 'H';
    for (size_t i = 0; i < sizeof random; i++) {
        if (i % 4 == 0)
            *to++ = '-';
        *to++ = digits[random[i] & 31];
    }
    *to = '\0';
    return RESULT_OK;
}

static bool is_administrative(const struct record *record)
{
    bool left = record->verdict == VERDICT_PASS || record->verdict == VERDICT_SEAL ||
                record->verdict == VERDICT_UNSEAL;
    bool ours = record->sender == SENDER_STAFF || record->sender == SENDER_SERVICE ||
                record->sender == SENDER_GOVERNMENT;
    return left && ours;
}

static bool copy_text(struct arena *arena, const struct record_text *text,
                      const struct record_text **text_out)
{
    if (!text)
        return true;
    struct record_text *copy = arena_copy(arena, text, sizeof *text);
    if (copy && text->sha256)
        copy->sha256 = arena_copy(arena, text->sha256, DIGEST_BYTES);
    if (copy && text->sketch)
        copy->sketch = arena_copy(arena, text->sketch, text->sketch_size);
    *text_out = copy;
    return copy && !(text->sha256 && !copy->sha256) && !(text->sketch && !copy->sketch);
}

/* Only what the index needs is copied: the leaf has the rest. */
static enum result copy_documents(struct arena *arena, const struct record *record, struct store_entry *entry)
{
    struct record_document *documents = arena_alloc(arena, record->n_documents, sizeof *documents);
    for (size_t i = 0; documents && i < record->n_documents; i++) {
        const struct record_document *from = &record->documents[i];
        size_t n = 0;
        while (from->references && from->references[n])
            n++;
        const char **numbers = arena_alloc(arena, n + 1, sizeof *numbers);
        for (size_t k = 0; numbers && k < n; k++)
            if (!(numbers[k] = arena_strdup(arena, from->references[k])))
                return RESULT_TRY_LATER;
        documents[i] =
            (struct record_document){.sha256 = arena_strdup(arena, from->sha256), .references = numbers};
        if (!numbers || (from->sha256 && !documents[i].sha256) ||
            !copy_text(arena, from->text, &documents[i].text))
            return RESULT_TRY_LATER;
    }
    entry->documents = documents;
    entry->n_documents = record->n_documents;
    entry->sealed_sha256 = arena_strdup(arena, record->sealed_sha256);
    entry->reference = arena_strdup(arena, record->reference);
    return documents && entry->reference ? RESULT_OK : RESULT_TRY_LATER;
}

enum result journal_append(struct journal *journal, const struct record *record, uint64_t *sequence_out,
                           struct problem *problem)
{
    if (!journal->writer)
        return problem_set(problem, RESULT_BUG, "journal %s: open for reading only", journal->path);
    struct arena *arena = arena_new(0);
    if (!arena)
        return problem_set(problem, RESULT_TRY_LATER, "journal: no memory for record %s", record->reference);
    struct store_entry entry = {.time_ms = record->time_ms, .administrative = is_administrative(record)};
    enum result result = leaf_make(arena, record, &entry.leaf, problem);
    if (result == RESULT_OK && copy_documents(arena, record, &entry) != RESULT_OK)
        result =
            problem_set(problem, RESULT_TRY_LATER, "journal: no memory for record %s", record->reference);
    if (result != RESULT_OK) {
        arena_free(arena);
        return result;
    }
    return writer_append(journal->writer, arena, &entry, sequence_out, problem);
}

void journal_replied(struct journal *journal, uint64_t sequence, bool sent)
{
    if (journal->writer)
        writer_replied(journal->writer, sequence, sent ? REPLY_SENT : REPLY_NEVER);
}

/* Takes the reader, for at most wait_ms: another thread may be waiting for a lock with it. */
static bool take_reader(struct journal *journal)
{
    int64_t until_ms = clock_monotonic_ms() + journal->wait_ms;
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    int waited = 0;
    (void)pthread_mutex_lock(&journal->mutex);
    while (journal->reading && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&journal->idle, &journal->mutex, &until);
    bool taken = !journal->reading;
    journal->reading = true;
    (void)pthread_mutex_unlock(&journal->mutex);
    return taken;
}

static void give_reader_back(struct journal *journal)
{
    (void)pthread_mutex_lock(&journal->mutex);
    journal->reading = false;
    (void)pthread_cond_signal(&journal->idle);
    (void)pthread_mutex_unlock(&journal->mutex);
}

/* With the reader taken. */
static enum result use_reader(struct journal *journal, struct problem *problem)
{
    if (journal->reader && !store_stale(journal->reader))
        return RESULT_OK;
    store_close(journal->reader);
    journal->reader = NULL;
    return store_open(journal->path, STORE_READ, journal->wait_ms, &journal->reader, problem);
}

enum fact journal_knows_document(struct journal *journal, const char *sha256, char reference[REFERENCE_BYTES])
{
    uint8_t digest[DIGEST_BYTES];
    if (reference)
        *reference = '\0';
    if (hex_decode(sha256, digest, sizeof digest) != RESULT_OK)
        return FACT_UNKNOWN;
    enum fact known = FACT_UNKNOWN;
    if (!take_reader(journal))
        return FACT_UNKNOWN;
    if (use_reader(journal, NULL) == RESULT_OK)
        known = store_knows(journal->reader, digest, reference);
    give_reader_back(journal);
    return known;
}

void journal_match_text(struct journal *journal, const struct record_text *text, struct text_match *match_out)
{
    *match_out = (struct text_match){.known = FACT_UNKNOWN};
    if (!take_reader(journal))
        return;
    if (use_reader(journal, NULL) == RESULT_OK)
        store_match_text(journal->reader, text, match_out);
    give_reader_back(journal);
}

/* A reader without a lock saw a whole store only if nobody has opened it meanwhile. */
static enum result check_after(struct journal *journal, enum result result, struct problem *problem)
{
    if (result == RESULT_OK && store_stale(journal->reader))
        return problem_set(problem, RESULT_TRY_LATER,
                           "journal %s: changed hands while it was read: ask again", journal->path);
    return result;
}

enum result journal_find(struct journal *journal, const struct journal_query *query,
                         int (*visit)(const struct record *record, void *context), void *context,
                         struct problem *problem)
{
    if (!take_reader(journal))
        return problem_set(problem, RESULT_TRY_LATER, "journal %s: busy reading: ask again", journal->path);
    enum result result = use_reader(journal, problem);
    if (result == RESULT_OK)
        result = check_after(journal, store_find(journal->reader, query, visit, context, problem), problem);
    give_reader_back(journal);
    return result;
}

enum result journal_cover(struct journal *journal, int64_t from_ms, int64_t until_ms,
                          struct journal_coverage *coverage_out, struct problem *problem)
{
    if (!take_reader(journal))
        return problem_set(problem, RESULT_TRY_LATER, "journal %s: busy reading: ask again", journal->path);
    enum result result = use_reader(journal, problem);
    if (result == RESULT_OK)
        result = check_after(journal, store_cover(journal->reader, from_ms, until_ms, coverage_out, problem),
                             problem);
    give_reader_back(journal);
    return result;
}
