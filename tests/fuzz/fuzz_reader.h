/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_FUZZ_READER_H
#define KHATM_TESTS_FUZZ_READER_H

/* What the fuzzers of readers share: a listener that touches every byte that it is shown, and a limit of time
 * which a reader that asks its budget keeps. Included by one file of a program. */

#include "base/clock.h"
#include "inspector/charset.h"
#include "inspector/reader.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

enum { FUZZ_ENTRIES = 300, FUZZ_DEPTH = 8, FUZZ_MS = 10 * 1000, FUZZ_LATE_MS = 10 * 1000 };

/* Dictionaries of gigabytes, which a packed file may ask for, fail in the sandbox; so they do here. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=256";
}

static volatile unsigned fuzz_sum;

static inline void fuzz_touch(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        fuzz_sum += at[i];
}

static inline void fuzz_text(void *context, enum text_place place, const char *utf8, size_t size)
{
    (void)context;
    if (place > TEXT_HIDDEN)
        abort();
    fuzz_touch(utf8, size);
}

static inline void fuzz_property(void *context, const char *name, const char *value)
{
    (void)context;
    fuzz_touch(name, strlen(name));
    fuzz_touch(value, strlen(value));
}

static inline void fuzz_embedded(void *context, const char *name, const void *bytes, size_t size)
{
    (void)context;
    fuzz_touch(name ? name : "", name ? strlen(name) : 0);
    fuzz_touch(bytes, size);
}

static inline void fuzz_closed(void *context, const char *name, unsigned flags, const char *why)
{
    (void)context;
    fuzz_touch(name ? name : "", name ? strlen(name) : 0);
    if (!flags || !why)
        abort();
}

static inline void fuzz_raise(void *context, unsigned flags, const char *why)
{
    (void)context;
    if (!flags || !why)
        abort();
}

static inline void fuzz_kind(void *context, const char *kind)
{
    (void)context;
    if (!strchr(kind, '/'))
        abort();
}

static const struct reading_listener fuzz_listener = {fuzz_text,   fuzz_property, fuzz_embedded,
                                                      fuzz_closed, fuzz_raise,    fuzz_kind};

static inline void fuzz_prepare(const struct reader *const *readers)
{
    (void)setlocale(LC_ALL, "C.UTF-8");
    if (charset_load(NULL) != RESULT_OK)
        abort();
    for (; *readers; readers++)
        if ((*readers)->prepare && (*readers)->prepare(NULL) != RESULT_OK)
            abort();
}

/* The bytes get a NUL behind them, as the frame gives them. */
static inline void fuzz_read(void (*read)(struct reading *reading), const uint8_t *bytes, size_t size,
                             const char *kind)
{
    struct budget budget;
    char *copy = malloc(size + 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    int64_t deadline_ms = clock_monotonic_ms() + FUZZ_MS;
    budget_open(&budget, size, FUZZ_ENTRIES, FUZZ_DEPTH, deadline_ms);
    struct reading reading = {.bytes = copy,
                              .size = size,
                              .kind = kind,
                              .charset = "",
                              .name = "a.b",
                              .budget = &budget,
                              .listener = &fuzz_listener};
    read(&reading);
    if (clock_monotonic_ms() > deadline_ms + FUZZ_LATE_MS)
        abort();
    free(copy);
}

#endif
