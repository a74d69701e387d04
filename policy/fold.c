/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/fold.h"

#include "policy/fold_table.h"

#include <stdlib.h>
#include <string.h>

enum { CODE_MAX = 0x10ffff, UNREADABLE = 0xfffd };

void fold_free(struct fold *fold)
{
    free(fold);
}

static bool entry_is_good(const struct fold *fold, uint32_t entry)
{
    uint32_t value = entry & FOLD_VALUE_MASK;
    if ((entry >> FOLD_WHAT_SHIFT & 3) != FOLD_MANY)
        return value <= CODE_MAX && entry >> FOLD_LATIN_SHIFT <= 26;
    if (value >= fold->n_pool)
        return false;
    uint32_t count = fold->data[fold->n_entries + value];
    return count <= FOLD_LONGEST && count < fold->n_pool - value;
}

bool fold_is_good(const void *bytes, size_t size)
{
    const struct fold *fold = bytes;
    if (size < sizeof *fold || (uintptr_t)bytes % sizeof(uint32_t) || fold->magic != FOLD_MAGIC)
        return false;
    size_t room = (size - sizeof *fold) / sizeof(uint32_t);
    if (fold->n_entries > room || fold->n_pool != room - fold->n_entries || fold->n_entries < FOLD_BLOCK)
        return false;
    for (size_t i = 0; i < FOLD_BLOCKS; i++)
        if (((size_t)fold->blocks[i] + 1) * FOLD_BLOCK > fold->n_entries)
            return false;
    for (size_t i = 0; i < fold->n_entries; i++)
        if (!entry_is_good(fold, fold->data[i]))
            return false;
    for (size_t i = 0; i < fold->n_pool; i++)
        if (fold->data[fold->n_entries + i] > CODE_MAX)
            return false;
    return true;
}

static uint32_t entry_of(const struct fold *fold, uint32_t code)
{
    if (code > CODE_MAX)
        return 0;
    return fold->data[(size_t)fold->blocks[code / FOLD_BLOCK] * FOLD_BLOCK + code % FOLD_BLOCK];
}

size_t fold_character(const struct fold *fold, uint32_t code, uint32_t one[1], const uint32_t **out)
{
    uint32_t entry = entry_of(fold, code), value = entry & FOLD_VALUE_MASK;
    *out = one;
    *one = code;
    switch ((enum fold_what)(entry >> FOLD_WHAT_SHIFT & 3)) {
    case FOLD_SAME:
        return 1;
    case FOLD_ONE:
        *one = value;
        return 1;
    case FOLD_MANY:
        *out = fold->data + fold->n_entries + value + 1;
        return (*out)[-1];
    case FOLD_DROP:
        break;
    }
    return 0;
}

enum fold_class fold_class(const struct fold *fold, uint32_t code)
{
    return (enum fold_class)(entry_of(fold, code) >> FOLD_CLASS_SHIFT & 3);
}

char fold_latin(const struct fold *fold, uint32_t code)
{
    uint32_t letter = entry_of(fold, code) >> FOLD_LATIN_SHIFT & 31;
    return letter ? (char)('A' + letter - 1) : '\0';
}

static bool is_tail(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

uint32_t fold_next(const char *text, size_t size, size_t *at)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)text[(*at)++];
    size_t more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    uint32_t code = more ? lead & (0x3fU >> more) : lead;
    if (!more)
        return code;
    if (lead < 0xc2 || lead > 0xf4 || more > size - *at)
        return UNREADABLE;
    for (size_t i = 0; i < more; i++) {
        unsigned char byte = (unsigned char)text[*at + i];
        if (!is_tail(byte))
            return UNREADABLE;
        code = code << 6 | (byte & 0x3f);
    }
    if (code < least[more] || code > CODE_MAX || (code >= 0xd800 && code <= 0xdfff))
        return UNREADABLE;
    *at += more;
    return code;
}

size_t fold_put(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

static bool is_alif(const char *text)
{
    return !memcmp(text, "\xd8\xa7", 2);
}

static bool is_lam(const char *text)
{
    return !memcmp(text, "\xd9\x84", 2);
}

void fold_order(char *text, size_t size)
{
    /* Neither of them, or one alone: there is no order. */
    if (!memchr(text, 0xd8, size) || !memchr(text, 0xd9, size))
        return;
    for (size_t at = 0; at + 1 < size;) {
        size_t end = at, alifs = 0;
        for (; end + 1 < size && (is_alif(text + end) || is_lam(text + end)); end += 2)
            alifs += is_alif(text + end);
        for (size_t k = at; k < end; k += 2)
            memcpy(text + k, k < at + 2 * alifs ? "\xd8\xa7" : "\xd9\x84", 2);
        at = end > at ? end : at + 1;
    }
}

/* False: it does not fit. */
static bool add_words(const struct fold *fold, const uint32_t *codes, size_t n, char *out, size_t room,
                      size_t *used)
{
    for (size_t i = 0; i < n; i++) {
        if (fold_class(fold, codes[i]) == FOLD_OTHER)
            continue;
        if (*used + 4 >= room)
            return false;
        *used += fold_put(codes[i], out + *used);
    }
    return true;
}

/* ASCII needs no table. Returns where it ends. */
static size_t add_plain(const char *text, size_t size, size_t at, char *out, size_t room, size_t *used)
{
    for (; at < size && (unsigned char)text[at] < 128 && *used + 4 < room; at++) {
        char c = text[at];
        if (c >= 'a' && c <= 'z')
            out[(*used)++] = (char)(c - 'a' + 'A');
        else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out[(*used)++] = c;
    }
    return at;
}

size_t fold_key(const struct fold *fold, const char *text, size_t size, char *out, size_t room)
{
    size_t used = 0;
    bool fits = true;
    for (size_t at = 0; fits && at < size;) {
        uint32_t one[1];
        size_t plain = add_plain(text, size, at, out, room, &used);
        if (plain > at) {
            at = plain;
            continue;
        }
        const uint32_t *becomes;
        size_t n = fold_character(fold, fold_next(text, size, &at), one, &becomes);
        fits = add_words(fold, becomes, n, out, room, &used);
    }
    if (!fits)
        used = 0;
    out[used] = '\0';
    fold_order(out, used);
    return used;
}
