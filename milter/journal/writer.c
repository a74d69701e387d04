/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/writer.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    BATCH_MAX = 256,
    REPLY_DELAY_MS = 1000, /* reply states wait for the next record at most this long */
    GRACE_MS = 200,        /* callers outlast the store's wait for its lock, so that its words reach them */
};

enum entry_state { ENTRY_WAITING, ENTRY_TAKEN, ENTRY_DONE, ENTRY_ABANDONED };

struct entry {
    struct entry *next;
    struct arena *arena;
    struct store_entry data;
    enum entry_state state;
    enum result result;
    uint64_t sequence;
    struct problem problem;
};

struct reply {
    uint64_t sequence;
    enum reply_state state;
};

struct writer {
    const char *path;
    int64_t wait_ms;
    pthread_t thread;
    struct store *store; /* the thread's; NULL: to be opened again */

    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t work, done;
    struct entry *first, **last;
    struct reply *replies;
    size_t n_replies, room_replies;
    int64_t replies_due_ms; /* monotonic; meaningful while n_replies */
    bool stopping;
    struct problem last_problem;
};

static enum result reopen(struct writer *writer, bool *reopened_out, struct problem *problem)
{
    *reopened_out = !writer->store || store_stale(writer->store);
    if (!*reopened_out)
        return RESULT_OK;
    store_close(writer->store);
    writer->store = NULL;
    return store_open(writer->path, STORE_WRITE, writer->wait_ms, &writer->store, problem);
}

static enum result write_replies(struct writer *writer, const struct reply *replies, size_t n,
                                 struct problem *problem)
{
    enum result result = RESULT_OK;
    for (size_t i = 0; result == RESULT_OK && i < n; i++)
        result = store_reply(writer->store, replies[i].sequence, replies[i].state, problem);
    return result;
}

static enum result write_entries(struct writer *writer, struct entry *batch, struct problem *problem)
{
    enum result result = RESULT_OK;
    for (struct entry *entry = batch; result == RESULT_OK && entry; entry = entry->next) {
        entry->result =
            store_add(writer->store, entry->arena, &entry->data, &entry->sequence, &entry->problem);
        /* A reference that is taken concerns this entry alone. */
        if (entry->result == RESULT_BAD_INPUT)
            entry->result = RESULT_TRY_LATER;
        else
            result = entry->result;
        if (result != RESULT_OK)
            *problem = entry->problem;
    }
    return result;
}

static enum result write_batch(struct writer *writer, struct entry *batch, const struct reply *replies,
                               size_t n, struct problem *problem)
{
    bool reopened = false;
    enum result result = reopen(writer, &reopened, problem);
    if (result != RESULT_OK)
        return result;
    result = store_begin(writer->store, problem);
    /* Sequences of another file say nothing here. */
    if (result == RESULT_OK && !reopened)
        result = write_replies(writer, replies, n, problem);
    if (result == RESULT_OK)
        result = write_entries(writer, batch, problem);
    if (result == RESULT_OK)
        result = store_commit(writer->store, problem);
    if (result != RESULT_OK)
        store_rollback(writer->store);
    /* A commit into a file that nobody will find again is none. */
    if (result == RESULT_OK && store_stale(writer->store))
        result =
            problem_set(problem, RESULT_TRY_LATER,
                        "journal %s: was moved, removed or replaced while open: put it back", writer->path);
    return result;
}

static struct entry *take_batch(struct writer *writer)
{
    struct entry *batch = writer->first, **end = &batch;
    for (size_t n = 0; *end && n < BATCH_MAX; n++) {
        (*end)->state = ENTRY_TAKEN;
        end = &(*end)->next;
    }
    writer->first = *end;
    *end = NULL;
    if (!writer->first)
        writer->last = &writer->first;
    return batch;
}

static void entry_free(struct entry *entry)
{
    if (!entry)
        return;
    arena_free(entry->arena);
    free(entry);
}

/* With the mutex held. */
static void note_reply(struct writer *writer, uint64_t sequence, enum reply_state state)
{
    if (writer->n_replies == writer->room_replies) {
        size_t room = writer->room_replies ? writer->room_replies * 2 : 64;
        struct reply *replies = realloc(writer->replies, room * sizeof *replies);
        if (!replies)
            return; /* stays unknown, which is true */
        writer->replies = replies;
        writer->room_replies = room;
    }
    if (!writer->n_replies)
        writer->replies_due_ms = clock_monotonic_ms() + REPLY_DELAY_MS;
    writer->replies[writer->n_replies++] = (struct reply){sequence, state};
}

/* With the mutex held. */
static void finish_batch(struct writer *writer, struct entry *batch, enum result result,
                         const struct problem *problem)
{
    for (struct entry *entry = batch, *next; entry; entry = next) {
        next = entry->next;
        if (entry->state == ENTRY_ABANDONED) {
            if (result == RESULT_OK && entry->result == RESULT_OK)
                note_reply(writer, entry->sequence, REPLY_NEVER);
            entry_free(entry);
            continue;
        }
        if (result != RESULT_OK) {
            entry->result = RESULT_TRY_LATER; /* whatever it is, somebody may mend it */
            entry->problem = *problem;
        }
        entry->state = ENTRY_DONE;
    }
    writer->last_problem = *problem;
    (void)pthread_cond_broadcast(&writer->done);
}

/* With the mutex held. */
static void put_back_replies(struct writer *writer, struct reply *replies, size_t n, enum result result)
{
    for (size_t i = 0; result != RESULT_OK && i < n; i++)
        note_reply(writer, replies[i].sequence, replies[i].state);
    free(replies);
}

static void write_once(struct writer *writer)
{
    struct problem problem = {{0}};
    struct entry *batch = take_batch(writer);
    struct reply *replies = writer->replies;
    size_t n_replies = writer->n_replies;
    writer->replies = NULL;
    writer->n_replies = writer->room_replies = 0;
    (void)pthread_mutex_unlock(&writer->mutex);
    enum result result = write_batch(writer, batch, replies, n_replies, &problem);
    (void)pthread_mutex_lock(&writer->mutex);
    finish_batch(writer, batch, result, &problem);
    put_back_replies(writer, replies, n_replies, result);
}

static struct timespec instant(int64_t monotonic_ms)
{
    return (struct timespec){.tv_sec = monotonic_ms / 1000, .tv_nsec = monotonic_ms % 1000 * 1000000};
}

static void *writer_main(void *context)
{
    struct writer *writer = context;
    (void)pthread_mutex_lock(&writer->mutex);
    while (!writer->stopping) {
        if (writer->first || (writer->n_replies && clock_left_ms(writer->replies_due_ms) == 0)) {
            write_once(writer);
        } else if (writer->n_replies) {
            struct timespec due = instant(writer->replies_due_ms);
            (void)pthread_cond_timedwait(&writer->work, &writer->mutex, &due);
        } else {
            (void)pthread_cond_wait(&writer->work, &writer->mutex);
        }
    }
    if (writer->first || writer->n_replies)
        write_once(writer);
    (void)pthread_mutex_unlock(&writer->mutex);
    return NULL;
}

enum result writer_new(const char *path, int64_t wait_ms, struct store *store, struct writer **writer_out,
                       struct problem *problem)
{
    pthread_condattr_t attributes;
    sigset_t all, before;
    struct writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return problem_set(problem, RESULT_TRY_LATER, "journal %s: no memory to open it", path);
    *writer = (struct writer){.path = path, .wait_ms = wait_ms, .store = store, .last = &writer->first};
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&writer->work, &attributes);
    (void)pthread_cond_init(&writer->done, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&writer->mutex, NULL);
    /* Signals belong to the daemon's own threads. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&writer->thread, NULL, writer_main, writer);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        free(writer);
        return problem_set(problem, RESULT_TRY_LATER, "journal %s: no thread to write it: %s", path,
                           strerror(error));
    }
    *writer_out = writer;
    return RESULT_OK;
}

void writer_free(struct writer *writer)
{
    if (!writer)
        return;
    (void)pthread_mutex_lock(&writer->mutex);
    writer->stopping = true;
    (void)pthread_cond_signal(&writer->work);
    (void)pthread_mutex_unlock(&writer->mutex);
    (void)pthread_join(writer->thread, NULL);
    store_close(writer->store);
    (void)pthread_cond_destroy(&writer->work);
    (void)pthread_cond_destroy(&writer->done);
    (void)pthread_mutex_destroy(&writer->mutex);
    free(writer->replies);
    free(writer);
}

static void unlink_entry(struct writer *writer, struct entry *entry)
{
    struct entry **link = &writer->first;
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    if (!*link)
        writer->last = link;
}

/* With the mutex held. Takes the entry. */
static enum result await(struct writer *writer, struct entry *entry, uint64_t *sequence_out,
                         struct problem *problem)
{
    struct timespec until = instant(clock_monotonic_ms() + writer->wait_ms + GRACE_MS);
    int waited = 0;
    while (entry->state != ENTRY_DONE && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&writer->done, &writer->mutex, &until);
    if (entry->state == ENTRY_DONE) {
        enum result result = entry->result;
        *sequence_out = entry->sequence;
        if (problem && result != RESULT_OK)
            *problem = entry->problem;
        entry_free(entry);
        return result;
    }
    if (entry->state == ENTRY_WAITING) {
        unlink_entry(writer, entry);
        entry_free(entry);
    } else {
        entry->state = ENTRY_ABANDONED;
    }
    return problem_set(problem, RESULT_TRY_LATER,
                       "journal %s: not written within %lld ms: check its disk%s%s", writer->path,
                       (long long)writer->wait_ms, *writer->last_problem.text ? "; before: " : "",
                       writer->last_problem.text);
}

enum result writer_append(struct writer *writer, struct arena *arena, const struct store_entry *data,
                          uint64_t *sequence_out, struct problem *problem)
{
    struct entry *entry = calloc(1, sizeof *entry);
    if (!entry) {
        arena_free(arena);
        return problem_set(problem, RESULT_TRY_LATER, "journal %s: no memory for a record", writer->path);
    }
    *entry = (struct entry){.arena = arena, .data = *data};
    (void)pthread_mutex_lock(&writer->mutex);
    *writer->last = entry;
    writer->last = &entry->next;
    (void)pthread_cond_signal(&writer->work);
    enum result result = await(writer, entry, sequence_out, problem);
    (void)pthread_mutex_unlock(&writer->mutex);
    return result;
}

void writer_replied(struct writer *writer, uint64_t sequence, enum reply_state state)
{
    (void)pthread_mutex_lock(&writer->mutex);
    note_reply(writer, sequence, state);
    (void)pthread_cond_signal(&writer->work);
    (void)pthread_mutex_unlock(&writer->mutex);
}
