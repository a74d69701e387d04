/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/turns.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

void turns_init(struct turns *turns, unsigned at_once, uint64_t bytes)
{
    *turns = (struct turns){.waiting_max = TURNS_WAITING_MAX,
                            .at_once = at_once,
                            .left = at_once,
                            .bytes = bytes,
                            .bytes_left = bytes};
    (void)pthread_mutex_init(&turns->lock, NULL);
}

void turns_destroy(struct turns *turns)
{
    (void)pthread_mutex_destroy(&turns->lock);
}

static uint64_t weight(const struct turns *turns, const struct turn *turn)
{
    return turn->bytes < turns->bytes ? turn->bytes : turns->bytes;
}

static bool has_its_share(const struct turns *turns, const struct turn *turn)
{
    unsigned most = turn->spare ? turns->at_once / 2 : (turns->at_once + 1) / 2, n = 0;
    if (!turn->spare && !turn->share)
        return false;
    for (const struct turn *other = turns->served; other; other = other->next)
        if (turn->spare || other->spare)
            n += turn->spare && other->spare;
        else
            n += other->share && strcmp(other->share, turn->share) == 0;
    return n >= most;
}

static void take_out(struct turn **link, const struct turn *turn)
{
    while (*link != turn)
        link = &(*link)->next;
    *link = turn->next;
}

static void leave(struct turns *turns, const struct turn *turn)
{
    take_out(&turns->first, turn);
    turns->n_waiting--;
    if (turns->last != turn)
        return;
    turns->last = turns->first;
    while (turns->last && turns->last->next)
        turns->last = turns->last->next;
}

static void join(struct turns *turns, struct turn *turn)
{
    turn->next = NULL;
    if (turns->last)
        turns->last->next = turn;
    else
        turns->first = turn;
    turns->last = turn;
    turns->n_waiting++;
}

/* With the lock held. A large one is not passed by small ones; one whose share is served is. */
static void hand_out(struct turns *turns)
{
    for (struct turn *turn = turns->first, *next; turn && turns->left; turn = next) {
        next = turn->next;
        if (weight(turns, turn) > turns->bytes_left)
            return;
        if (has_its_share(turns, turn))
            continue;
        leave(turns, turn);
        turn->next = turns->served;
        turns->served = turn;
        turns->left--;
        turns->bytes_left -= weight(turns, turn);
        turn->came = true;
        (void)pthread_cond_signal(&turn->ready);
    }
}

/* With the lock held. */
static void wait_for(struct turns *turns, struct turn *turn, int64_t deadline_ms)
{
    const struct timespec until = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};
    int error = 0;
    join(turns, turn);
    hand_out(turns);
    while (!turn->came && !turn->spare && !error)
        error = pthread_cond_timedwait(&turn->ready, &turns->lock, &until);
    if (turn->came)
        return;
    leave(turns, turn);
    hand_out(turns); /* to those whom it kept waiting */
}

enum result turns_take(struct turns *turns, struct turn *turn, int64_t deadline_ms)
{
    pthread_condattr_t monotonic;
    turn->came = false;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&turn->ready, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_lock(&turns->lock);
    bool full = turns->n_waiting >= turns->waiting_max;
    if (!full && !(turn->spare && turns->first))
        wait_for(turns, turn, deadline_ms);
    (void)pthread_mutex_unlock(&turns->lock);
    (void)pthread_cond_destroy(&turn->ready);
    if (turn->came)
        return RESULT_OK;
    return full ? RESULT_NOT_FOUND : RESULT_TRY_LATER;
}

void turns_give(struct turns *turns, struct turn *turn)
{
    (void)pthread_mutex_lock(&turns->lock);
    take_out(&turns->served, turn);
    turns->left++;
    turns->bytes_left += weight(turns, turn);
    hand_out(turns);
    (void)pthread_mutex_unlock(&turns->lock);
}
