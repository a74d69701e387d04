/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_HELPER_POOL_H
#define KHATM_HELPER_POOL_H

/* A pool of processes, each with one message at a time, in slots of which there are so many. A message that
 * finds no slot free waits for its turn (helper/turns.h); the slot that was used last is the first to be
 * used again, so that what a burst has started can be ended. A slot belongs to the pool while it is free and
 * to one thread while it is not; its process is started, used and ended by that thread. Thread-safe. */

#include "helper/process.h"
#include "helper/turns.h"
#include "helper/wire.h"

enum { POOL_SLOTS_MAX = 64 };

struct pool_slot {
    struct helper_process process;
    struct wire_frame *frame;
    void *basis;   /* what the process runs on, the user's; NULL: none */
    unsigned jobs; /* of the process, the user's */
    int64_t since_ms;
    struct pool_slot *next;
};

struct pool_settings {
    const char *name;    /* for problems: "sealing" */
    const char *setting; /* how many slots there are, for them: "slots in sealing" */
    unsigned slots;      /* at least 1 and at most POOL_SLOTS_MAX are made */
    void (*release)(void *basis);
};

struct pool {
    struct pool_settings settings;
    struct turns turns;
    pthread_mutex_t lock; /* of what follows */
    struct pool_slot *slots, *free;
    int64_t not_before_ms; /* of a start, when the last one failed */
};

/* Starts nothing. settings: what they point to stays valid. RESULT_TRY_LATER: no memory; closed all the same.
 */
enum result pool_open(struct pool *pool, const struct pool_settings *settings) MUST_USE;
/* When no thread has a slot. Ends all processes. */
void pool_close(struct pool *pool);

/* turn: who asks; the caller's until pool_give. RESULT_TRY_LATER with *problem: none within wait_ms. */
enum result pool_take(struct pool *pool, struct turn *turn, int64_t wait_ms, struct pool_slot **slot_out,
                      struct problem *problem) MUST_USE;
void pool_give(struct pool *pool, struct turn *turn, struct pool_slot *slot);

/* How a process begins that is not there. ready: waits until it says so, RESULT_TRY_LATER with *problem. */
struct pool_start {
    const char *const *argv;
    enum result (*ready)(void *context, struct pool_slot *slot, struct problem *problem);
    void *context;
};
/* A process in a slot that was taken. A program that does not start is not started again for every message.
 * RESULT_TRY_LATER with *problem. */
enum result pool_start(struct pool *pool, struct pool_slot *slot, const struct pool_start *start,
                       struct problem *problem) MUST_USE;
/* Ends it, and lets go what it ran on. */
void pool_end(const struct pool *pool, struct pool_slot *slot);

/* Ends processes that have had nothing to do for idle_ms; keeps_one: all but the one used last. Who comes
 * meanwhile finds the slot free and starts another. */
void pool_retire(struct pool *pool, int64_t idle_ms, bool keeps_one);
/* Ends those without work that run on anything else. */
void pool_keep_basis(struct pool *pool, const void *basis);

#endif
