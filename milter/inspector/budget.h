/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_BUDGET_H
#define KHATM_INSPECTOR_BUDGET_H

/* What one message may cost, shared by all its parts and whatever is packed in them: bytes that readers make
 * out of it, text, entries, levels of packing, time. Each reader asks before it makes or takes more, at least
 * every 64 KiB of output, every entry, page, sheet or thousand loops; after a "no" it stops. The first "no"
 * stays in `exhausted`, every later question gets it again, and the frame marks what was being read unread.
 * Bytes are bounded by a plain limit and by a ratio to the message, so a small message cannot cost as much as
 * a large one. A library that loops without asking back is ended with its process. One thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BUDGET_BYTES_MAX = 256 * 1024 * 1024,   /* made by unpacking, over the whole message … */
    BUDGET_BYTES_FREE = 16 * 1024 * 1024,   /* … and at most this plus … */
    BUDGET_RATIO = 200,                     /* … so many times the message's own size */
    BUDGET_TEXT_MAX = 32 * 1024 * 1024,     /* UTF-8 handed over by all readers */
    BUDGET_DOCUMENT_MAX = 64 * 1024 * 1024, /* of one document held in memory */
    /* Processor time: so much, and so much for each megabyte of the message, up to. The process is ended two
     * seconds later, for libraries that do not ask back. */
    BUDGET_CPU_FREE_MS = 2000,
    BUDGET_CPU_MS = 250,
    BUDGET_CPU_MAX_MS = 8000,
    BUDGET_DEPTH_MAX = 16, /* levels of packing: an archive in an archive in a message is two */
};

struct budget {
    uint64_t bytes_left, text_left;
    unsigned entries_left;     /* embedded files, over the whole message */
    unsigned depth, depth_max; /* where we are; levels of packing allowed */
    int64_t deadline_ms;       /* monotonic */
    int64_t cpu_ms;            /* of the process, at which no more is given */
    unsigned questions;
    const char *exhausted; /* first "no": one phrase; NULL */
    unsigned limits;       /* LIMIT_* behind it */
};

/* Processor time that a message of this size may take. */
int64_t budget_cpu_ms(uint64_t message_size);
/* depth_max: cut at BUDGET_DEPTH_MAX. */
void budget_open(struct budget *budget, uint64_t message_size, unsigned entries, unsigned depth_max,
                 int64_t deadline_ms);
/* May `size` more bytes be unpacked? Looks at the time too. */
bool budget_bytes(struct budget *budget, uint64_t size);
bool budget_text(struct budget *budget, uint64_t size);
bool budget_entry(struct budget *budget);
/* Cheap enough for an inner loop: looks at the clock once in 64 calls. */
bool budget_time(struct budget *budget);
/* One level deeper; budget_leave after every "yes". A "no" is about this level alone. */
bool budget_enter(struct budget *budget);
void budget_leave(struct budget *budget);

#endif
