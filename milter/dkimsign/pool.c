/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/pool.h"
#include "base/clock.h"
#include "dkimsign/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARGUMENTS = 3, /* program, lifetime, names */
    ARENA_BYTES_MAX = 256 * 1024,
    START_MS = 10 * 1000,
    ANSWER_GRACE_MS = 1000, /* the helper's budget ends before ours */
};

struct dkimsign {
    struct arena *arena; /* of all below but the slots */
    struct dkim_settings settings;
    const char *argv[ARGUMENTS + 2 * DKIM_KEYS_MAX + 1];
    struct dkimsign_key *keys;
    struct pool pool;
};

/* What a process that starts is asked for. */
struct asking {
    const struct dkimsign *dkimsign;
    struct arena *arena; /* of the keys */
    struct dkimsign_key *keys;
};

/* --- processes
 * ------------------------------------------------------------------------------------------------ */

static enum result expect_ready(void *context, struct pool_slot *slot, struct problem *problem)
{
    const struct asking *asking = context;
    const struct dkim_settings *settings = &asking->dkimsign->settings;
    enum result result = wire_receive(slot->process.control, slot->frame, clock_monotonic_ms() + START_MS);
    if (result == RESULT_OK) {
        wire_close_fds(slot->frame);
        result = dkimsign_read_ready(slot->frame, settings, asking->arena, asking->keys, problem);
        if (result == RESULT_OK || result == RESULT_TRY_LATER)
            return result;
    }
    return problem_set(problem, RESULT_TRY_LATER, "%s: did not start", settings->program);
}

static enum result start(struct dkimsign *dkimsign, struct pool_slot *slot, struct arena *arena,
                         struct dkimsign_key *keys, struct problem *problem)
{
    struct asking asking = {dkimsign, arena, keys};
    const struct pool_start start = {dkimsign->argv, expect_ready, &asking};
    return pool_start(&dkimsign->pool, slot, &start, problem);
}

/* Its keys are the ones that the first told: the settings are the same. */
static enum result start_another(struct dkimsign *dkimsign, struct pool_slot *slot, struct problem *problem)
{
    struct dkimsign_key keys[DKIM_KEYS_MAX];
    struct arena *arena = arena_new(ARENA_BYTES_MAX);
    enum result result = arena ? start(dkimsign, slot, arena, keys, problem)
                               : problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory");
    arena_free(arena);
    return result;
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

static enum result receive(struct pool_slot *slot, int64_t deadline_ms, struct problem *problem)
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
static enum result run_in_slot(struct dkimsign *dkimsign, struct pool_slot *slot,
                               const struct dkimsign_message *message, struct arena *arena,
                               const char *const **values_out, bool *is_fit_out, struct problem *problem)
{
    enum result result = RESULT_OK;
    *is_fit_out = false;
    if (!helper_alive(&slot->process))
        result = start_another(dkimsign, slot, problem);
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
    struct pool_slot *slot = NULL;
    struct turn turn = {.share = NULL};
    if (pool_take(&dkimsign->pool, &turn, dkimsign->settings.wait_ms, &slot, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    enum result result = run_in_slot(dkimsign, slot, message, arena, values_out, &is_fit, problem);
    /* Whatever failed may have left it confused. The next message gets a fresh one. */
    if (!is_fit || ++slot->jobs >= DKIMSIGN_JOBS_MAX)
        pool_end(&dkimsign->pool, slot);
    pool_give(&dkimsign->pool, &turn, slot);
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

enum result dkimsign_new(const struct dkim_settings *settings, struct dkimsign **dkimsign_out,
                         struct problem *problem)
{
    const struct pool_settings pool = {
        .name = "DKIM", .setting = "processes in dkim", .slots = settings->processes};
    struct dkimsign *dkimsign = calloc(1, sizeof *dkimsign);
    if (!dkimsign)
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory");
    bool made = pool_open(&dkimsign->pool, &pool) == RESULT_OK;
    dkimsign->arena = arena_new(ARENA_BYTES_MAX);
    /* The first process tells the other halves of the keys. */
    enum result result = made && dkimsign->arena && copy_settings(dkimsign, settings)
                             ? start(dkimsign, dkimsign->pool.free, dkimsign->arena, dkimsign->keys, problem)
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
    pool_retire(&dkimsign->pool, idle_ms, true);
}

void dkimsign_free(struct dkimsign *dkimsign)
{
    if (!dkimsign)
        return;
    pool_close(&dkimsign->pool);
    arena_free(dkimsign->arena);
    free(dkimsign);
}

const struct dkimsign_key *dkimsign_keys(const struct dkimsign *dkimsign, size_t *n_out)
{
    *n_out = dkimsign->settings.n_keys;
    return dkimsign->keys;
}
