/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_ARENA_H
#define KHATM_BASE_ARENA_H

/* Memory that lives and dies with one message (or one configuration). Everything allocated here is freed
 * by arena_free alone. An arena belongs to one thread at a time. A limit given at birth bounds what a
 * stranger can make us hold; past it, or when the system has no more, allocations return NULL. */

#include "base/result.h"

#include <stddef.h>

struct arena;

/* limit_bytes: 0 means no limit. NULL when there is no memory. */
struct arena *arena_new(size_t limit_bytes);
void arena_free(struct arena *arena);

/* Zeroed and aligned for any type; NULL past the limit. count * size is checked for overflow. */
void *arena_alloc(struct arena *arena, size_t count, size_t size) MUST_USE;
void *arena_copy(struct arena *arena, const void *bytes, size_t size) MUST_USE;
/* Copies are NUL-terminated. NULL text gives NULL. */
char *arena_strdup(struct arena *arena, const char *text) MUST_USE;
char *arena_strndup(struct arena *arena, const char *text, size_t length) MUST_USE;
char *arena_printf(struct arena *arena, const char *format, ...) MUST_USE PRINTF_LIKE(2, 3);

#endif
