/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/turns.h"

#include <stdbool.h>
#include <time.h>

void turns_init(struct turns *turns, unsigned at_once)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&turns->lock, NULL);
    pthread_cond_init(&turns->free, &monotonic);
    pthread_condattr_destroy(&monotonic);
    turns->left = at_once;
}

void turns_destroy(struct turns *turns)
{
    pthread_cond_destroy(&turns->free);
    pthread_mutex_destroy(&turns->lock);
}

enum result turns_take(struct turns *turns, int64_t deadline_ms)
{
    const struct timespec until = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};
    int error = 0;
    pthread_mutex_lock(&turns->lock);
    while (!turns->left && !error)
        error = pthread_cond_timedwait(&turns->free, &turns->lock, &until);
    bool got = turns->left > 0;
    if (got)
        turns->left--;
    pthread_mutex_unlock(&turns->lock);
    return got ? RESULT_OK : RESULT_TRY_LATER;
}

void turns_give(struct turns *turns)
{
    pthread_mutex_lock(&turns->lock);
    turns->left++;
    pthread_cond_signal(&turns->free);
    pthread_mutex_unlock(&turns->lock);
}
