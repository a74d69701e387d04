/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/turns.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* On the stack of a thread that waits. */
struct turn {
    pthread_cond_t ready;
    uint64_t bytes;
    bool came;
    struct turn *next;
};

void turns_init(struct turns *turns, unsigned at_once, uint64_t bytes)
{
    pthread_mutex_init(&turns->lock, NULL);
    turns->first = turns->last = NULL;
    turns->left = at_once;
    turns->bytes = turns->bytes_left = bytes;
}

void turns_destroy(struct turns *turns)
{
    pthread_mutex_destroy(&turns->lock);
}

static uint64_t weight(const struct turns *turns, uint64_t bytes)
{
    return bytes < turns->bytes ? bytes : turns->bytes;
}

/* With the lock held. */
static void hand_out(struct turns *turns)
{
    for (struct turn *turn = turns->first; turn && turns->left && turn->bytes <= turns->bytes_left;
         turn = turns->first) {
        turns->first = turn->next;
        if (!turns->first)
            turns->last = NULL;
        turns->left--;
        turns->bytes_left -= turn->bytes;
        turn->came = true;
        pthread_cond_signal(&turn->ready);
    }
}

static void join(struct turns *turns, struct turn *turn)
{
    if (turns->last)
        turns->last->next = turn;
    else
        turns->first = turn;
    turns->last = turn;
}

static void leave(struct turns *turns, const struct turn *turn)
{
    struct turn *before = NULL, *at = turns->first;
    for (; at && at != turn; at = at->next)
        before = at;
    if (!at)
        return;
    if (before)
        before->next = at->next;
    else
        turns->first = at->next;
    if (turns->last == at)
        turns->last = before;
}

enum result turns_take(struct turns *turns, uint64_t bytes, int64_t deadline_ms)
{
    const struct timespec until = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};
    struct turn turn = {.bytes = weight(turns, bytes)};
    pthread_condattr_t monotonic;
    int error = 0;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&turn.ready, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_lock(&turns->lock);
    join(turns, &turn);
    hand_out(turns);
    while (!turn.came && !error)
        error = pthread_cond_timedwait(&turn.ready, &turns->lock, &until);
    if (!turn.came) {
        leave(turns, &turn);
        hand_out(turns); /* to those whom it kept waiting */
    }
    pthread_mutex_unlock(&turns->lock);
    pthread_cond_destroy(&turn.ready);
    return turn.came ? RESULT_OK : RESULT_TRY_LATER;
}

void turns_give(struct turns *turns, uint64_t bytes)
{
    pthread_mutex_lock(&turns->lock);
    turns->left++;
    turns->bytes_left += weight(turns, bytes);
    hand_out(turns);
    pthread_mutex_unlock(&turns->lock);
}
