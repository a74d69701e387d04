/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/pool.h"

#include "base/clock.h"

#include <stdlib.h>

enum { RESTART_AFTER_MS = 1000 };

enum result pool_open(struct pool *pool, const struct pool_settings *settings)
{
    *pool = (struct pool){.settings = *settings};
    unsigned *n = &pool->settings.slots;
    *n = *n < 1 ? 1 : *n > POOL_SLOTS_MAX ? POOL_SLOTS_MAX : *n;
    turns_init(&pool->turns, *n, UINT64_MAX);
    (void)pthread_mutex_init(&pool->lock, NULL);
    pool->slots = calloc(*n, sizeof *pool->slots);
    bool made = pool->slots != NULL;
    for (unsigned i = 0; pool->slots && i < *n; i++) {
        struct pool_slot *slot = &pool->slots[i];
        slot->process.control = -1;
        slot->next = pool->free;
        pool->free = slot;
        slot->frame = malloc(sizeof *slot->frame);
        made = made && slot->frame;
    }
    return made ? RESULT_OK : RESULT_TRY_LATER;
}

void pool_end(const struct pool *pool, struct pool_slot *slot)
{
    helper_kill(&slot->process);
    if (slot->basis)
        pool->settings.release(slot->basis);
    slot->basis = NULL;
}

void pool_close(struct pool *pool)
{
    for (unsigned i = 0; pool->slots && i < pool->settings.slots; i++) {
        pool_end(pool, &pool->slots[i]);
        free(pool->slots[i].frame);
    }
    free(pool->slots);
    turns_destroy(&pool->turns);
    (void)pthread_mutex_destroy(&pool->lock);
}

enum result pool_take(struct pool *pool, struct turn *turn, int64_t wait_ms, struct pool_slot **slot_out,
                      struct problem *problem)
{
    const struct pool_settings *settings = &pool->settings;
    enum result result = turns_take(&pool->turns, turn, clock_monotonic_ms() + wait_ms);
    if (result == RESULT_NOT_FOUND)
        return problem_set(problem, RESULT_TRY_LATER, "%s: %d messages wait already", settings->name,
                           TURNS_WAITING_MAX);
    if (result != RESULT_OK && turn->spare)
        return problem_set(problem, RESULT_TRY_LATER, "%s: no process to spare", settings->name);
    if (result != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "%s: no free process within %lld ms: see %s",
                           settings->name, (long long)wait_ms, settings->setting);
    /* There is one: as many have a turn as there are slots, and each gives its slot before its turn. */
    (void)pthread_mutex_lock(&pool->lock);
    *slot_out = pool->free;
    pool->free = pool->free->next;
    (void)pthread_mutex_unlock(&pool->lock);
    return RESULT_OK;
}

void pool_give(struct pool *pool, struct turn *turn, struct pool_slot *slot)
{
    (void)pthread_mutex_lock(&pool->lock);
    slot->since_ms = clock_monotonic_ms();
    slot->next = pool->free;
    pool->free = slot;
    (void)pthread_mutex_unlock(&pool->lock);
    turns_give(&pool->turns, turn);
}

enum result pool_start(struct pool *pool, struct pool_slot *slot, const struct pool_start *start,
                       struct problem *problem)
{
    (void)pthread_mutex_lock(&pool->lock);
    bool too_soon = clock_monotonic_ms() < pool->not_before_ms;
    (void)pthread_mutex_unlock(&pool->lock);
    if (too_soon)
        return problem_set(problem, RESULT_TRY_LATER, "%s: failed to start a moment ago", start->argv[0]);
    slot->jobs = 0;
    enum result result = helper_start(&slot->process, start->argv, problem);
    if (result == RESULT_OK)
        result = start->ready(start->context, slot, problem);
    if (result == RESULT_OK)
        return RESULT_OK;
    helper_kill(&slot->process);
    (void)pthread_mutex_lock(&pool->lock);
    pool->not_before_ms = clock_monotonic_ms() + RESTART_AFTER_MS;
    (void)pthread_mutex_unlock(&pool->lock);
    return result;
}

/* Taken out of their slots under the lock, and ended without it. since_ms: free since then or longer.
 * basis: NULL, or what those run on that go on. */
static void end_free(struct pool *pool, int64_t since_ms, const void *basis, bool keeps_one)
{
    struct pool_slot ended[POOL_SLOTS_MAX];
    size_t n = 0;
    bool kept = !keeps_one;
    (void)pthread_mutex_lock(&pool->lock);
    for (struct pool_slot *slot = pool->free; slot; slot = slot->next) {
        bool alive = helper_alive(&slot->process);
        bool over = basis ? slot->basis != basis : slot->since_ms <= since_ms;
        if ((alive && kept && over) || (!alive && slot->basis)) {
            ended[n++] = (struct pool_slot){.process = helper_take(&slot->process), .basis = slot->basis};
            slot->basis = NULL;
        }
        kept = kept || alive;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    while (n)
        pool_end(pool, &ended[--n]);
}

void pool_retire(struct pool *pool, int64_t idle_ms, bool keeps_one)
{
    end_free(pool, clock_monotonic_ms() - idle_ms, NULL, keeps_one);
}

void pool_keep_basis(struct pool *pool, const void *basis)
{
    end_free(pool, 0, basis, false);
}
