/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "dkimsign/reply.h"
#include "helper/process.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROCESSES_MAX = 64,
    ARGUMENTS = 3, /* program, lifetime, names */
    ARENA_BYTES_MAX = 256 * 1024,
    START_MS = 10 * 1000,
    ANSWER_GRACE_MS = 1000, /* the helper's budget ends before ours */
    RESTART_AFTER_MS = 1000,
};

/* Belongs to the pool while free, to one thread while it is not. */
struct slot {
    struct helper_process process;
    struct wire_frame *frame;
    unsigned jobs;     /* of the process */
    int64_t since_ms;  /* free */
    struct slot *next; /* of the free ones: the one used last is the first */
};

struct dkimsign {
    struct arena *arena; /* of all below but the slots */
    struct dkim_settings settings;
    const char *argv[ARGUMENTS + 2 * DKIM_KEYS_MAX + 1];
    struct dkimsign_key *keys;
    struct slot *slots;
    unsigned processes;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t given;
    struct slot *free;
    int64_t not_before_ms; /* of a start, when the last one failed */
};

/* --- processes
 * ------------------------------------------------------------------------------------------------ */

static enum result expect_ready(struct dkimsign *dkimsign, struct slot *slot, struct arena *arena,
                                struct dkimsign_key *keys, struct problem *problem)
{
    enum result result = wire_receive(slot->process.control, slot->frame, clock_monotonic_ms() + START_MS);
    if (result == RESULT_OK) {
        wire_close_fds(slot->frame);
        result = dkimsign_read_ready(slot->frame, &dkimsign->settings, arena, keys, problem);
        if (result == RESULT_OK || result == RESULT_TRY_LATER)
            return result;
    }
    return problem_set(problem, RESULT_TRY_LATER, "%s: did not start", dkimsign->settings.program);
}

/* A program that does not start is not started again for every message. */
static enum result start(struct dkimsign *dkimsign, struct slot *slot, struct problem *problem)
{
    struct dkimsign_key keys[DKIM_KEYS_MAX];
    (void)pthread_mutex_lock(&dkimsign->lock);
    bool too_soon = clock_monotonic_ms() < dkimsign->not_before_ms;
    (void)pthread_mutex_unlock(&dkimsign->lock);
    if (too_soon)
        return problem_set(problem, RESULT_TRY_LATER, "%s: failed to start a moment ago",
                           dkimsign->settings.program);
    struct arena *arena = arena_new(ARENA_BYTES_MAX);
    enum result result = arena ? helper_start(&slot->process, dkimsign->argv, problem)
                               : problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory");
    if (result == RESULT_OK)
        result = expect_ready(dkimsign, slot, arena, keys, problem);
    arena_free(arena);
    slot->jobs = 0;
    if (result == RESULT_OK)
        return RESULT_OK;
    helper_kill(&slot->process);
    (void)pthread_mutex_lock(&dkimsign->lock);
    dkimsign->not_before_ms = clock_monotonic_ms() + RESTART_AFTER_MS;
    (void)pthread_mutex_unlock(&dkimsign->lock);
    return RESULT_TRY_LATER;
}

static struct slot *take_slot(struct dkimsign *dkimsign, struct problem *problem)
{
    int64_t until_ms = clock_monotonic_ms() + dkimsign->settings.wait_ms;
    const struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    int waited = 0;
    (void)pthread_mutex_lock(&dkimsign->lock);
    while (!dkimsign->free && waited == 0)
        waited = pthread_cond_timedwait(&dkimsign->given, &dkimsign->lock, &until);
    struct slot *slot = dkimsign->free;
    if (slot)
        dkimsign->free = slot->next;
    (void)pthread_mutex_unlock(&dkimsign->lock);
    if (!slot)
        (void)problem_set(problem, RESULT_TRY_LATER, "DKIM: no free process within %lld ms",
                          (long long)dkimsign->settings.wait_ms);
    return slot;
}

static void give_slot(struct dkimsign *dkimsign, struct slot *slot)
{
    (void)pthread_mutex_lock(&dkimsign->lock);
    slot->since_ms = clock_monotonic_ms();
    slot->next = dkimsign->free;
    dkimsign->free = slot;
    (void)pthread_cond_signal(&dkimsign->given);
    (void)pthread_mutex_unlock(&dkimsign->lock);
}

/* --- a message
 * ------------------------------------------------------------------------------------------------ */

static void write_job(struct wire_frame *frame, const struct dkimsign_message *message, int64_t budget_ms)
{
    wire_begin(frame, DKIMSIGN_JOB);
    wire_put_number(frame, DKIMSIGN_TAG_FIELDS_SIZE, message->fields_size);
    wire_put_number(frame, DKIMSIGN_TAG_BODY_OFFSET, message->body_offset);
    wire_put_number(frame, DKIMSIGN_TAG_BODY_SIZE, message->body_size);
    wire_put_text(frame, DKIMSIGN_TAG_DOMAIN, message->domain, DKIMSIGN_DOMAIN_MAX);
    wire_put_number(frame, DKIMSIGN_TAG_BUDGET, (uint64_t)budget_ms);
    wire_put_fd(frame, message->fields_fd);
    wire_put_fd(frame, message->body_fd);
}

static size_t keys_of(const struct dkimsign *dkimsign, const char *domain)
{
    size_t n = 0;
    for (size_t i = 0; i < dkimsign->settings.n_keys; i++)
        n += strcmp(dkimsign->settings.keys[i].domain, domain) == 0;
    return n;
}

static enum result receive(struct slot *slot, int64_t deadline_ms, struct problem *problem)
{
    enum result result = wire_receive(slot->process.control, slot->frame, deadline_ms);
    if (result == RESULT_OK && slot->frame->n_fds) {
        wire_close_fds(slot->frame);
        result = RESULT_BAD_INPUT;
    }
    switch (result) {
    case RESULT_OK:
        return RESULT_OK;
    case RESULT_BAD_INPUT:
        return problem_set(problem, RESULT_TRY_LATER, "khatm-dkim-signer: answered nonsense");
    case RESULT_NOT_FOUND:
        return problem_set(problem, RESULT_TRY_LATER, "khatm-dkim-signer: died at work");
    case RESULT_TRY_LATER:
    case RESULT_UNCERTAIN:
    case RESULT_BUG:
        break;
    }
    return problem_set(problem, RESULT_TRY_LATER, "khatm-dkim-signer: did not answer in time");
}

/* *is_fit_out: what went wrong is the message's, and the process may go on. */
static enum result run_in_slot(struct dkimsign *dkimsign, struct slot *slot,
                               const struct dkimsign_message *message, struct arena *arena,
                               const char *const **values_out, bool *is_fit_out, struct problem *problem)
{
    enum result result = RESULT_OK;
    *is_fit_out = false;
    if (!helper_alive(&slot->process))
        result = start(dkimsign, slot, problem);
    if (result != RESULT_OK)
        return result;
    int64_t deadline_ms = clock_monotonic_ms() + dkimsign->settings.deadline_ms + ANSWER_GRACE_MS;
    write_job(slot->frame, message, dkimsign->settings.deadline_ms);
    result = wire_send(slot->process.control, slot->frame, deadline_ms);
    slot->frame->n_fds = 0;
    if (result != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-dkim-signer: takes no message");
    result = receive(slot, deadline_ms, problem);
    if (result != RESULT_OK)
        return result;
    result = dkimsign_read_reply(slot->frame, message->domain, keys_of(dkimsign, message->domain), arena,
                                 values_out, problem);
    *is_fit_out = result == RESULT_OK || result == RESULT_NOT_FOUND || result == RESULT_TRY_LATER;
    return *is_fit_out ? result
                       : problem_set(problem, RESULT_TRY_LATER, "khatm-dkim-signer: answered nonsense");
}

enum result dkimsign_run(struct dkimsign *dkimsign, const struct dkimsign_message *message,
                         struct arena *arena, const char *const **values_out, struct problem *problem)
{
    bool is_fit = false;
    struct slot *slot = take_slot(dkimsign, problem);
    if (!slot)
        return RESULT_TRY_LATER;
    enum result result = run_in_slot(dkimsign, slot, message, arena, values_out, &is_fit, problem);
    /* Whatever failed may have left it confused. The next message gets a fresh one. */
    if (!is_fit || ++slot->jobs >= DKIMSIGN_JOBS_MAX)
        helper_kill(&slot->process);
    give_slot(dkimsign, slot);
    return result == RESULT_OK || is_fit ? result : RESULT_TRY_LATER;
}

/* --- the pool
 * ------------------------------------------------------------------------------------------------- */

static bool copy_keys(struct dkimsign *dkimsign, const struct dkim_settings *settings)
{
    struct dkim_key_settings *keys = arena_alloc(dkimsign->arena, settings->n_keys + 1, sizeof *keys);
    for (size_t i = 0; keys && i < settings->n_keys; i++) {
        const struct dkim_key_settings *from = &settings->keys[i];
        keys[i] = (struct dkim_key_settings){.name = arena_strdup(dkimsign->arena, from->name),
                                             .domain = arena_strdup(dkimsign->arena, from->domain),
                                             .file = arena_strdup(dkimsign->arena, from->file)};
        if (!keys[i].name || !keys[i].domain || !keys[i].file)
            return false;
        dkimsign->argv[ARGUMENTS + 2 * i] = keys[i].name;
        dkimsign->argv[ARGUMENTS + 2 * i + 1] = keys[i].file;
    }
    dkimsign->settings.keys = keys;
    return keys != NULL;
}

static bool copy_settings(struct dkimsign *dkimsign, const struct dkim_settings *settings)
{
    dkimsign->settings = *settings;
    dkimsign->settings.program = arena_strdup(dkimsign->arena, settings->program);
    dkimsign->settings.names = arena_strdup(dkimsign->arena, settings->names);
    dkimsign->argv[0] = dkimsign->settings.program;
    dkimsign->argv[1] = arena_printf(dkimsign->arena, "%lld", (long long)settings->lifetime_s);
    dkimsign->argv[2] = dkimsign->settings.names;
    dkimsign->keys = arena_alloc(dkimsign->arena, settings->n_keys + 1, sizeof *dkimsign->keys);
    return dkimsign->argv[0] && dkimsign->argv[1] && dkimsign->argv[2] && dkimsign->keys &&
           copy_keys(dkimsign, settings);
}

static bool make_slots(struct dkimsign *dkimsign)
{
    unsigned wanted = dkimsign->settings.processes;
    dkimsign->processes = wanted < 1 ? 1 : wanted > PROCESSES_MAX ? PROCESSES_MAX : wanted;
    dkimsign->slots = calloc(dkimsign->processes, sizeof *dkimsign->slots);
    for (unsigned i = 0; dkimsign->slots && i < dkimsign->processes; i++) {
        struct slot *slot = &dkimsign->slots[i];
        slot->process.control = -1;
        slot->frame = malloc(sizeof *slot->frame);
        if (!slot->frame)
            return false;
        slot->next = dkimsign->free;
        dkimsign->free = slot;
    }
    return dkimsign->slots != NULL;
}

/* The first process tells the other halves of the keys. */
static enum result start_first(struct dkimsign *dkimsign, struct problem *problem)
{
    struct slot *slot = dkimsign->free;
    enum result result = helper_start(&slot->process, dkimsign->argv, problem);
    return result == RESULT_OK ? expect_ready(dkimsign, slot, dkimsign->arena, dkimsign->keys, problem)
                               : result;
}

enum result dkimsign_new(const struct dkim_settings *settings, struct dkimsign **dkimsign_out,
                         struct problem *problem)
{
    pthread_condattr_t monotonic;
    struct dkimsign *dkimsign = calloc(1, sizeof *dkimsign);
    if (!dkimsign)
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory");
    (void)pthread_mutex_init(&dkimsign->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&dkimsign->given, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    dkimsign->arena = arena_new(ARENA_BYTES_MAX);
    enum result result = dkimsign->arena && copy_settings(dkimsign, settings) && make_slots(dkimsign)
                             ? start_first(dkimsign, problem)
                             : problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory");
    if (result != RESULT_OK) {
        dkimsign_free(dkimsign);
        return result;
    }
    *dkimsign_out = dkimsign;
    return RESULT_OK;
}

void dkimsign_retire(struct dkimsign *dkimsign, int64_t idle_ms)
{
    struct helper_process retired[PROCESSES_MAX];
    size_t n = 0;
    bool keeps = false;
    int64_t since_ms = clock_monotonic_ms() - idle_ms;
    (void)pthread_mutex_lock(&dkimsign->lock);
    for (struct slot *slot = dkimsign->free; slot; slot = slot->next) {
        if (!helper_alive(&slot->process))
            continue;
        if (keeps && slot->since_ms <= since_ms)
            retired[n++] = helper_take(&slot->process);
        keeps = true;
    }
    (void)pthread_mutex_unlock(&dkimsign->lock);
    while (n)
        helper_kill(&retired[--n]);
}

void dkimsign_free(struct dkimsign *dkimsign)
{
    if (!dkimsign)
        return;
    for (unsigned i = 0; dkimsign->slots && i < dkimsign->processes; i++) {
        helper_kill(&dkimsign->slots[i].process);
        free(dkimsign->slots[i].frame);
    }
    free(dkimsign->slots);
    arena_free(dkimsign->arena);
    (void)pthread_cond_destroy(&dkimsign->given);
    (void)pthread_mutex_destroy(&dkimsign->lock);
    free(dkimsign);
}

const struct dkimsign_key *dkimsign_keys(const struct dkimsign *dkimsign, size_t *n_out)
{
    *n_out = dkimsign->settings.n_keys;
    return dkimsign->keys;
}
