/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_SOURCE_H
#define KHATM_INSPECTOR_SOURCE_H

/* The message as bytes at offsets, through one window of SOURCE_WINDOW bytes: memory stays flat whatever the
 * size, and a small message is read once for all its readers. Read by pread only, since the descriptor is
 * shared with the daemon. A file that is shorter than promised, or cannot be read, sets `failed` and reads as
 * its end: whoever reports must ask. */

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SOURCE_STEP: so much is read at a time of a message up to SOURCE_SMALL, of which the window then is. */
enum { SOURCE_WINDOW = 64 * 1024, SOURCE_STEP = 16 * 1024, SOURCE_SMALL = 256 * 1024 };

struct source {
    int fd; /* -1: in memory */
    const char *memory;
    uint64_t size;
    uint64_t window_at;
    size_t window_size;
    bool failed;
    char window[SOURCE_WINDOW];
};

/* A line, or a piece of one when it is longer than the window. */
struct source_line {
    const char *text; /* within the window: valid until the next read */
    size_t size;      /* without the line end */
    uint64_t at;      /* of its first byte */
    bool starts;      /* at the start of a line */
    bool ends;        /* a line end follows */
};

void source_open(struct source *source, int fd, uint64_t size);
/* Bytes in memory, borrowed. */
void source_open_memory(struct source *source, const char *bytes, size_t size);
/* Bytes from `at` to `end` that are at hand: at least one unless there are none. */
size_t source_view(struct source *source, uint64_t at, uint64_t end, const char **bytes_out);
/* The line at *cursor; moves it on. False at the end. Lines end with LF; a CR before it is not part of them.
 */
bool source_next_line(struct source *source, uint64_t *cursor, struct source_line *line_out);

#endif
