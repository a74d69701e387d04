/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/name.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

static size_t sequence_size(const char *text)
{
    unsigned char c = (unsigned char)*text;
    size_t size = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    return strnlen(text, size) == size && text_is_utf8(text, size) ? size : 0;
}

static bool is_direction(const char *text, size_t size)
{
    /* U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, U+FEFF, and line ends of Unicode's own. */
    static const char *const marks[] = {"\u061c", "\u200b", "\u200e", "\u200f", "\u2028", "\u2029",
                                        "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066",
                                        "\u2067", "\u2068", "\u2069", "\ufeff"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strlen(marks[i]) == size && !memcmp(marks[i], text, size))
            return true;
    return size == 2 && (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0; /* C1 controls */
}

void name_clean(const char *text, char out[NAME_ROOM])
{
    size_t used = 0;
    for (size_t size; text && *text; text += size ? size : 1) {
        size = sequence_size(text);
        bool bad = !size || (unsigned char)*text < 0x20 || *text == 0x7f || *text == '/' || *text == '\\' ||
                   is_direction(text, size);
        size_t add = bad ? 1 : size;
        if (used + add >= NAME_ROOM)
            break;
        if (bad)
            out[used] = '_';
        else
            memcpy(out + used, text, size);
        used += add;
    }
    out[used] = '\0';
}

bool name_same_extension(const char *a, const char *b)
{
    const char *dot_a = strrchr(a, '.'), *dot_b = strrchr(b, '.');
    if (!dot_a || !dot_b)
        return dot_a == dot_b;
    return text_equal_nocase(dot_a, dot_b);
}
