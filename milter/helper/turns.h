/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_HELPER_TURNS_H
#define KHATM_HELPER_TURNS_H

/* Who is served when: so many at once, and so many bytes together. The others wait, first come, first served,
 * so that neither the large nor the many starve; what is larger than all the bytes there are has its turn
 * alone. Of one share half are served at once, at most: who comes behind them is let by. Thread-safe. */

#include "base/result.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { TURNS_WAITING_MAX = 4096 }; /* more are put off at once */

/* Of whoever waits or is served, on its stack. */
struct turn {
    uint64_t bytes;
    const char *share; /* NULL: none */
    /* Nothing waits for it: served when it can be at once and nobody else waits, and half of all at most. */
    bool spare;

    bool came; /* this and what follows: ours */
    pthread_cond_t ready;
    struct turn *next;
};

struct turns {
    pthread_mutex_t lock;
    struct turn *first, *last; /* who waits */
    struct turn *served;
    unsigned n_waiting, waiting_max;
    unsigned at_once, left;
    uint64_t bytes, bytes_left;
};

/* bytes: UINT64_MAX, as many as there are. */
void turns_init(struct turns *turns, unsigned at_once, uint64_t bytes);
void turns_destroy(struct turns *turns);
/* RESULT_TRY_LATER: it did not come before the monotonic deadline. RESULT_NOT_FOUND: there is no place left
 * to wait in. */
enum result turns_take(struct turns *turns, struct turn *turn, int64_t deadline_ms) MUST_USE;
void turns_give(struct turns *turns, struct turn *turn);

#endif
