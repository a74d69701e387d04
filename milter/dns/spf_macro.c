/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/spf_macro.h"

#include "base/text.h"
#include "dns/name.h"

#include <stdio.h>
#include <string.h>

enum { EXPANDED_MAX = 4096, PARTS_MAX = 256, VISIBLE_FIRST = 0x21, VISIBLE_LAST = 0x7e };

static const char delimiters[] = ".-+,/_=";

struct macro {
    char letter; /* lower case; 0 for %%, %_ and %- */
    bool upper, reverse;
    unsigned keep; /* parts; 0: all */
    const char *delimiters;
    size_t n_delimiters;
    const char *literal; /* of the three short ones */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return text_lower(c) >= 'a' && text_lower(c) <= 'z';
}

/* "%{" letter *DIGIT ["r"] *delimiter "}". Bytes used; 0: wrong. */
static size_t parse_braces(const char *text, size_t size, struct macro *macro)
{
    size_t at = 2;
    if (size < 4 || !memchr("slodiphv", text_lower(text[at]), 8))
        return 0;
    macro->letter = text_lower(text[at]);
    macro->upper = text[at] != macro->letter;
    size_t digits = ++at;
    for (; at < size && is_digit(text[at]); at++)
        if (macro->keep < PARTS_MAX)
            macro->keep = macro->keep * 10 + (unsigned)(text[at] - '0');
    if (at > digits && !macro->keep)
        return 0;
    macro->reverse = at < size && text_lower(text[at]) == 'r';
    at += macro->reverse;
    macro->delimiters = text + at;
    while (at < size && text[at] && strchr(delimiters, text[at]))
        at++;
    macro->n_delimiters = (size_t)(text + at - macro->delimiters);
    return at < size && text[at] == '}' ? at + 1 : 0;
}

static size_t parse_macro(const char *text, size_t size, struct macro *macro)
{
    *macro = (struct macro){.literal = ""};
    if (size < 2)
        return 0;
    switch (text[1]) {
    case '%':
        macro->literal = "%";
        return 2;
    case '_':
        macro->literal = " ";
        return 2;
    case '-':
        macro->literal = "%20";
        return 2;
    case '{':
        return parse_braces(text, size, macro);
    default:
        return 0;
    }
}

/* Whether all is a macro string; *tail_out: where what follows the last macro begins. */
static bool scan(const char *text, size_t size, size_t *tail_out)
{
    struct macro macro;
    size_t at = 0;
    *tail_out = 0;
    while (at < size) {
        if (text[at] < VISIBLE_FIRST || text[at] > VISIBLE_LAST)
            return false;
        if (text[at] != '%') {
            at++;
            continue;
        }
        size_t used = parse_macro(text + at, size - at, &macro);
        if (!used)
            return false;
        at += used;
        *tail_out = at;
    }
    return true;
}

bool spf_macro_is_string(const char *text, size_t size)
{
    size_t tail;
    return scan(text, size, &tail);
}

/* Letters, digits and hyphens, a hyphen at neither end, not digits alone. */
static bool is_toplabel(const char *text, size_t size)
{
    bool other = false;
    if (!size || text[0] == '-' || text[size - 1] == '-')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_alpha(text[i]) && !is_digit(text[i]) && text[i] != '-')
            return false;
        other |= !is_digit(text[i]);
    }
    return other;
}

bool spf_macro_is_domain(const char *text, size_t size)
{
    size_t tail;
    if (!size || !scan(text, size, &tail))
        return false;
    if (tail == size)
        return true;
    if (text[size - 1] == '.')
        size--;
    size_t label = size;
    while (label > tail && text[label - 1] != '.')
        label--;
    return label > tail && is_toplabel(text + label, size - label);
}

bool spf_macro_wants_p(const char *text)
{
    struct macro macro;
    for (; *text; text++) {
        if (*text != '%')
            continue;
        size_t used = parse_macro(text, strlen(text), &macro);
        if (!used)
            return false;
        if (macro.letter == 'p')
            return true;
        text += used - 1;
    }
    return false;
}

static const char *value_of(char letter, const struct spf_letters *letters, char *room, size_t room_size)
{
    switch (letter) {
    case 's':
        (void)snprintf(room, room_size, "%s@%s", letters->sender_local, letters->sender_domain);
        return room;
    case 'l':
        return letters->sender_local;
    case 'o':
        return letters->sender_domain;
    case 'd':
        return letters->domain;
    case 'i':
        return letters->address;
    case 'p':
        return letters->validated ? letters->validated : "unknown";
    case 'h':
        return letters->helo;
    default:
        return letters->six ? "ip6" : "in-addr";
    }
}

static bool put(char *out, size_t room, size_t *length, char c)
{
    if (*length + 1 >= room)
        return false;
    out[(*length)++] = c;
    out[*length] = '\0';
    return true;
}

/* RFC 3986, 2.3: what need not be escaped. */
static bool put_part(const char *from, size_t size, bool escape, char *out, size_t room, size_t *length)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)from[i];
        bool plain = is_alpha(from[i]) || is_digit(from[i]) || (c && strchr("-._~", from[i]));
        if (!escape || plain) {
            if (!put(out, room, length, from[i]))
                return false;
        } else if (!put(out, room, length, '%') || !put(out, room, length, hex[c >> 4]) ||
                   !put(out, room, length, hex[c & 15])) {
            return false;
        }
    }
    return true;
}

struct part {
    const char *text;
    size_t size;
};

static size_t split(const char *value, const struct macro *macro, struct part *parts)
{
    const char *set = macro->n_delimiters ? macro->delimiters : ".";
    size_t n_set = macro->n_delimiters ? macro->n_delimiters : 1;
    size_t n = 0;
    parts[n] = (struct part){value, 0};
    for (; *value; value++) {
        if (!memchr(set, *value, n_set)) {
            parts[n].size++;
            continue;
        }
        if (++n == PARTS_MAX)
            return 0;
        parts[n] = (struct part){value + 1, 0};
    }
    return n + 1;
}

static bool put_macro(const struct macro *macro, const struct spf_letters *letters, char *out, size_t room,
                      size_t *length)
{
    char whole[EXPANDED_MAX];
    struct part parts[PARTS_MAX];
    if (!macro->letter)
        return put_part(macro->literal, strlen(macro->literal), false, out, room, length);
    size_t n = split(value_of(macro->letter, letters, whole, sizeof whole), macro, parts);
    if (!n)
        return false;
    size_t keep = macro->keep && macro->keep < n ? macro->keep : n;
    for (size_t i = 0; i < keep; i++) {
        const struct part *part = &parts[macro->reverse ? keep - 1 - i : n - keep + i];
        if (i && !put(out, room, length, '.'))
            return false;
        if (!put_part(part->text, part->size, macro->upper, out, room, length))
            return false;
    }
    return true;
}

/* The left labels go, one after the other, until the rest fits. */
static bool cut(const char *name, char *out, size_t room)
{
    size_t length = strlen(name);
    while (length > NAME_MAX_BYTES) {
        const char *dot = strchr(name, '.');
        if (!dot)
            return false;
        length -= (size_t)(dot + 1 - name);
        name = dot + 1;
    }
    if (length >= room)
        return false;
    memcpy(out, name, length + 1);
    return true;
}

bool spf_macro_expand(const char *text, const struct spf_letters *letters, char *out, size_t room)
{
    char expanded[EXPANDED_MAX] = "";
    struct macro macro;
    size_t length = 0, size = strlen(text);
    for (size_t at = 0; at < size;) {
        if (text[at] != '%') {
            if (!put(expanded, sizeof expanded, &length, text[at++]))
                return false;
            continue;
        }
        size_t used = parse_macro(text + at, size - at, &macro);
        if (!used || !put_macro(&macro, letters, expanded, sizeof expanded, &length))
            return false;
        at += used;
    }
    if (length && expanded[length - 1] == '.')
        expanded[length - 1] = '\0';
    return cut(expanded, out, room);
}
