/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/override.h"

#include "base/text.h"
#include "policy/fold.h"

#include <stdint.h>
#include <string.h>

enum { MARK = sizeof OVERRIDE_BEGINS - 1 };

static bool runs_left(const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        uint32_t code = fold_next(text, size, &at);
        if ((code >= 0x590 && code < 0x900) || (code >= 0xfb1d && code < 0xfe00) ||
            (code >= 0xfe70 && code < 0xff00))
            return true;
    }
    return false;
}

static void turn(char *bytes, size_t size)
{
    for (size_t i = 0; i < size / 2; i++) {
        char first = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = first;
    }
}

/* Characters, and within each its bytes back. */
static void turn_characters(char *text, size_t size)
{
    turn(text, size);
    for (size_t start = 0, at = 0; at < size; at++)
        if (((unsigned char)text[at] & 0xc0) != 0x80) {
            turn(text + start, at + 1 - start);
            start = at + 1;
        }
}

static char *find(char *at, const char *end, const char *mark)
{
    const char *found = text_find(at, (size_t)(end - at), mark, MARK, 0);
    return found ? at + (found - at) : NULL;
}

bool override_show(char *line, size_t size)
{
    const char *end = line + size;
    bool shown = false;
    for (char *at = line; (at = find(at, end, OVERRIDE_BEGINS)) != NULL;) {
        at += MARK;
        const char *stop = find(at, end, OVERRIDE_ENDS);
        size_t length = (size_t)((stop ? stop : end) - at);
        if (!runs_left(at, length)) {
            turn_characters(at, length);
            shown = true;
        }
        at += length;
    }
    return shown;
}
