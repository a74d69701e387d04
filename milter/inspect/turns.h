/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECT_TURNS_H
#define KHATM_INSPECT_TURNS_H

/* So many at once, and so many bytes together: the others wait, first come, first served, so that neither the
 * large nor the many starve. What is larger than all the bytes there are has its turn alone. Thread-safe. */

#include "base/result.h"

#include <pthread.h>
#include <stdint.h>

struct turn;

struct turns {
    pthread_mutex_t lock;
    struct turn *first, *last; /* who waits */
    unsigned left;
    uint64_t bytes, bytes_left;
};

void turns_init(struct turns *turns, unsigned at_once, uint64_t bytes);
void turns_destroy(struct turns *turns);
/* RESULT_TRY_LATER: none came before the monotonic deadline. */
enum result turns_take(struct turns *turns, uint64_t bytes, int64_t deadline_ms) MUST_USE;
/* bytes: as they were taken. */
void turns_give(struct turns *turns, uint64_t bytes);

#endif
