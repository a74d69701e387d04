/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_BUFFER_H
#define KHATM_BASE_BUFFER_H

/* A growing run of bytes with a limit. Appending never fails aloud: the buffer remembers that something did
 * not fit (`failed`) and the user asks once, at the end. Always NUL-terminated while not failed and
 * non-empty. One thread at a time. */

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *bytes;
    size_t size, room, limit;
    bool failed;
};

/* limit_bytes: 0 means 16 MiB. Owns nothing until the first append. */
void buffer_init(struct buffer *buffer, size_t limit_bytes);
void buffer_free(struct buffer *buffer);
void buffer_clear(struct buffer *buffer);
void buffer_append(struct buffer *buffer, const void *bytes, size_t size);
void buffer_puts(struct buffer *buffer, const char *text);
void buffer_printf(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
/* The text so far, never NULL. */
const char *buffer_text(const struct buffer *buffer);

#endif
