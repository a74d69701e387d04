/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/heap.h"

#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define OTHER_ALLOCATOR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OTHER_ALLOCATOR 1
#endif
#endif

#ifndef OTHER_ALLOCATOR

enum {
    HOLE_LARGEST = 64 * 1024,
    HOLE_SMALLEST = 16,
    STEP_FROM = 1024,
    END_BYTES = 512 * 1024,
    HOLES_MAX = 100000
};

struct hole {
    struct hole *next;
};

/* For the life of the process; a list, so that leak checkers see what became of them. */
static struct hole *holes;

/* False: there was none of this size left below the end, where all is one piece. */
static bool take_hole(size_t size)
{
    struct hole *hole = malloc(size);
    uintptr_t end = (uintptr_t)sbrk(0) - mallinfo2().keepcost;
    if (!hole)
        return false;
    if ((uintptr_t)hole + size + 2 * sizeof(size_t) >= end) {
        free(hole);
        return false;
    }
    hole->next = holes;
    holes = hole;
    return true;
}

void heap_settle(void)
{
    unsigned taken = 0;
    (void)mallopt(M_TOP_PAD, END_BYTES);
    for (size_t size = HOLE_LARGEST; size >= HOLE_SMALLEST;
         size -= size > STEP_FROM ? STEP_FROM : HOLE_SMALLEST)
        while (taken < HOLES_MAX && take_hole(size))
            taken++;
}

#else

void heap_settle(void)
{
}

#endif
