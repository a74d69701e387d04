/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/canonical.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

/* U+10FE00 to U+10FEFF are F4 8F B8 80 to F4 8F BB BF: the low six bits of the last two bytes carry the byte.
 */
static const unsigned char escape_start[2] = {0xf4, 0x8f};
enum { ESCAPE_THIRD = 0xb8, ESCAPE_BYTES = 4 };

static bool is_escape(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    return u[0] == escape_start[0] && u[1] == escape_start[1] && (u[2] & 0xfc) == ESCAPE_THIRD &&
           (u[3] & 0xc0) == 0x80;
}

static size_t sequence_length(const char *s, size_t left)
{
    unsigned char lead = (unsigned char)*s;
    size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length > left || !length || !text_is_utf8(s, length))
        return 0;
    return length == ESCAPE_BYTES && is_escape(s) ? 0 : length;
}

static void put_control(struct buffer *out, unsigned char c)
{
    static const char *const short_forms[0x20] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    if (short_forms[c])
        buffer_puts(out, short_forms[c]);
    else
        buffer_printf(out, "\\u%04x", c);
}

static void put_escaped_byte(struct buffer *out, unsigned char c)
{
    unsigned char form[ESCAPE_BYTES] = {escape_start[0], escape_start[1],
                                        (unsigned char)(ESCAPE_THIRD | c >> 6),
                                        (unsigned char)(0x80 | (c & 0x3f))};
    buffer_append(out, form, sizeof form);
}

/* ASCII that stands for itself: nearly all of every leaf. */
static size_t plain_run(const char *text)
{
    size_t n = 0;
    while ((unsigned char)text[n] >= 0x20 && (unsigned char)text[n] < 0x80 && text[n] != '"' &&
           text[n] != '\\')
        n++;
    return n;
}

void canonical_string(struct buffer *out, const char *text)
{
    if (!text) {
        buffer_puts(out, "null");
        return;
    }
    buffer_puts(out, "\"");
    for (size_t left = strlen(text), step; left; left -= step, text += step) {
        size_t plain = plain_run(text), length = plain ? plain : sequence_length(text, left);
        step = length ? length : 1;
        unsigned char c = (unsigned char)*text;
        if (!length)
            put_escaped_byte(out, c);
        else if (c < 0x20)
            put_control(out, c);
        else if (c == '"' || c == '\\')
            buffer_printf(out, "\\%c", c);
        else
            buffer_append(out, text, length);
    }
    buffer_puts(out, "\"");
}

char *canonical_bytes(struct arena *arena, const char *utf8)
{
    char *bytes = arena_strdup(arena, utf8);
    if (!bytes)
        return NULL;
    char *to = bytes;
    for (size_t left = strlen(utf8); left;) {
        if (left >= ESCAPE_BYTES && is_escape(utf8)) {
            *to++ = (char)((((unsigned char)utf8[2] & 3) << 6) | ((unsigned char)utf8[3] & 0x3f));
            utf8 += ESCAPE_BYTES;
            left -= ESCAPE_BYTES;
        } else {
            *to++ = *utf8++;
            left--;
        }
    }
    *to = '\0';
    return bytes;
}
