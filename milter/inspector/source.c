/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void source_open(struct source *source, int fd, uint64_t size)
{
    source->fd = fd;
    source->memory = NULL;
    source->size = size;
    source->window_at = 0;
    source->window_size = 0;
    source->failed = false;
}

void source_open_memory(struct source *source, const char *bytes, size_t size)
{
    source_open(source, -1, size);
    source->memory = bytes;
}

static void fill(struct source *source, uint64_t at, size_t most)
{
    uint64_t left = source->size - at;
    size_t want = left < most ? (size_t)left : most;
    source->window_at = at;
    source->window_size = 0;
    while (source->window_size < want) {
        ssize_t got = pread(source->fd, source->window + source->window_size, want - source->window_size,
                            (off_t)(at + source->window_size));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            source->failed = true;
            return;
        }
        source->window_size += (size_t)got;
    }
}

/* The pages of the window that a child never writes it is never given. */
static size_t step_of(const struct source *source)
{
    return source->size <= SOURCE_SMALL ? SOURCE_STEP : SOURCE_WINDOW;
}

size_t source_view(struct source *source, uint64_t at, uint64_t end, const char **bytes_out)
{
    if (end > source->size)
        end = source->size;
    *bytes_out = source->window;
    if (source->memory && at < end) {
        *bytes_out = source->memory + at;
        return end - at < SOURCE_WINDOW ? (size_t)(end - at) : SOURCE_WINDOW;
    }
    if (at >= end || source->failed)
        return 0;
    if (at < source->window_at || at >= source->window_at + source->window_size)
        fill(source, at, step_of(source));
    size_t skip = (size_t)(at - source->window_at);
    if (skip >= source->window_size)
        return 0;
    size_t size = source->window_size - skip;
    *bytes_out = source->window + skip;
    return size < end - at ? size : (size_t)(end - at);
}

/* Where the line at `at` ends: NULL, it goes on. The window is read again from its start, at most twice,
 * until it has all of the line. */
static const char *find_end(struct source *source, uint64_t at, const char **text, size_t *size)
{
    const size_t more[] = {step_of(source), SOURCE_WINDOW};
    *size = source_view(source, at, source->size, text);
    const char *end = *size ? memchr(*text, '\n', *size) : NULL;
    for (size_t i = 0; i < sizeof more / sizeof *more && !end && *size; i++) {
        if (*size >= more[i] || source->memory || at + *size >= source->size)
            continue;
        fill(source, at, more[i]);
        *size = source_view(source, at, source->size, text);
        end = *size ? memchr(*text, '\n', *size) : NULL;
    }
    return end;
}

bool source_next_line(struct source *source, uint64_t *cursor, struct source_line *line_out)
{
    const char *text;
    bool starts = line_out->ends || *cursor == 0;
    size_t size;
    const char *end = find_end(source, *cursor, &text, &size);
    if (!size)
        return false;
    size_t length = end ? (size_t)(end - text) : size;
    *line_out =
        (struct source_line){.text = text, .size = length, .at = *cursor, .starts = starts, .ends = end};
    *cursor += length + (end ? 1 : 0);
    if (end && length && text[length - 1] == '\r')
        line_out->size--;
    return true;
}
