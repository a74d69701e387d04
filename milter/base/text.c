/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdint.h>
#include <string.h>

char text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

void text_lower_in_place(char *text)
{
    for (; *text; text++)
        *text = text_lower(*text);
}

bool text_equal_nocase(const char *a, const char *b)
{
    for (; *a && text_lower(*a) == text_lower(*b); a++, b++)
        ;
    return text_lower(*a) == text_lower(*b);
}

bool text_starts_nocase(const char *text, const char *prefix)
{
    for (; *prefix; text++, prefix++)
        if (text_lower(*text) != text_lower(*prefix))
            return false;
    return true;
}

void text_printable_ascii(const char *text, char *out, size_t room)
{
    size_t used = 0;
    if (!room)
        return;
    for (; *text && used + 1 < room; text++)
        out[used++] = *text >= 0x20 && *text < 0x7f ? *text : '?';
    out[used] = '\0';
}

/* Length of the sequence that starts here, 0 when it is not well-formed. */
static size_t utf8_sequence(const unsigned char *s, size_t left)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high, length;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    if (s[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (s[0] < forms[i].first_low || s[0] > forms[i].first_high)
            continue;
        if (left < forms[i].length || s[1] < forms[i].second_low || s[1] > forms[i].second_high)
            return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

/* How many characters of ASCII come first, in eights. */
static size_t ascii_eights(const unsigned char *s, size_t size)
{
    size_t at = 0;
    for (uint64_t eight; size - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, s + at, sizeof eight);
        if (eight & 0x8080808080808080U)
            break;
    }
    return at;
}

bool text_is_utf8(const char *text, size_t size)
{
    const unsigned char *s = (const unsigned char *)text;
    while (size) {
        size_t length = size >= sizeof(uint64_t) ? ascii_eights(s, size) : 0;
        if (!length)
            length = utf8_sequence(s, size);
        if (!length)
            return false;
        s += length;
        size -= length;
    }
    return true;
}

bool text_is_port(const char *text, size_t size)
{
    unsigned port = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || size > 5)
            return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return port > 0 && port < 65536;
}

const char *text_find(const char *bytes, size_t size, const char *few, size_t few_size, size_t rare)
{
    if (size < few_size)
        return NULL;
    const char *at = bytes + rare, *end = bytes + size - few_size + rare + 1;
    while (at < end && (at = memchr(at, few[rare], (size_t)(end - at))) != NULL) {
        if (!memcmp(at - rare, few, few_size))
            return at - rare;
        at++;
    }
    return NULL;
}

const char *text_find_last(const char *bytes, size_t size, const char *few, size_t few_size, size_t rare)
{
    if (size < few_size)
        return NULL;
    const char *start = bytes + rare;
    size_t left = size - few_size + 1;
    for (const char *at; (at = memrchr(start, few[rare], left)) != NULL; left = (size_t)(at - start))
        if (!memcmp(at - rare, few, few_size))
            return at - rare;
    return NULL;
}
