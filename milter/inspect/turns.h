/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECT_TURNS_H
#define KHATM_INSPECT_TURNS_H

/* So many at once, the others wait. Thread-safe. */

#include "base/result.h"

#include <pthread.h>
#include <stdint.h>

struct turns {
    pthread_mutex_t lock;
    pthread_cond_t free;
    unsigned left;
};

void turns_init(struct turns *turns, unsigned at_once);
void turns_destroy(struct turns *turns);
/* RESULT_TRY_LATER: none came free before the monotonic deadline. */
enum result turns_take(struct turns *turns, int64_t deadline_ms) MUST_USE;
void turns_give(struct turns *turns);

#endif
