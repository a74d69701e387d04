/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/words.h"

#include "inspector/normal.h"

#include <string.h>

/* FNV-1a, 64 bits: short, and good enough behind what sketch.c does to it. */
static const uint64_t fnv_basis = 0xcbf29ce484222325U, fnv_prime = 0x100000001b3U;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool ends_with(const char *text, size_t size, const char *end)
{
    size_t length = strlen(end);
    return size > length && !memcmp(text + size - length, end, length) && !is_blank(text[size - length - 1]);
}

/* Hyphen-minus, hyphen, soft hyphen. */
static bool ends_in_hyphen(const char *raw, size_t size)
{
    while (size && is_blank(raw[size - 1]))
        size--;
    return ends_with(raw, size, "-") || ends_with(raw, size, "\xe2\x80\x90") ||
           ends_with(raw, size, "\xc2\xad");
}

static void end_word(struct words *words)
{
    if (words->hash)
        words->take(words->context, words->hash);
    words->hash = 0;
}

/* By an ASCII byte: a letter or a digit. */
static const bool plain[256] = {
#define FIVE(c) [c] = true, [(c) + 1] = true, [(c) + 2] = true, [(c) + 3] = true, [(c) + 4] = true
    FIVE('A'), FIVE('F'), FIVE('K'), FIVE('P'), FIVE('U'),    ['Z'] = true, FIVE('a'),
    FIVE('f'), FIVE('k'), FIVE('p'), FIVE('u'), ['z'] = true, FIVE('0'),    FIVE('5'),
#undef FIVE
};

/* The hash with the characters that make a word, up to where they end. */
static uint64_t read_word(uint64_t hash, const char *text, size_t size, size_t *at)
{
    while (*at < size) {
        size_t from = *at, end = from;
        for (; end < size && plain[(unsigned char)text[end]]; end++)
            hash = (hash ^ (unsigned char)text[end]) * fnv_prime;
        *at = end;
        if (end == size || !((unsigned char)text[end] & 0x80) || !normal_is_word(fold_next(text, size, &end)))
            break;
        for (from = *at; from < end; from++)
            hash = (hash ^ (unsigned char)text[from]) * fnv_prime;
        *at = end;
    }
    return hash;
}

/* Returns where the word that begins or goes on at `at` ends; `at`: there is none. */
static size_t take_word(struct words *words, const char *text, size_t size, size_t at)
{
    size_t end = at;
    uint64_t hash = read_word(words->hash ? words->hash : fnv_basis, text, size, &end);
    if (end == at)
        return at;
    words->hash = hash ? hash : 1;
    if (words->spell)
        words->spell(words->context, text + at, end - at);
    return end;
}

static size_t character(const char *text, size_t size, size_t at)
{
    size_t end = at;
    if (!((unsigned char)text[at] & 0x80))
        return 1;
    (void)fold_next(text, size, &end);
    return end - at;
}

void words_line(struct words *words, const struct text_line *line)
{
    const char *text = line->normal;
    size_t size = line->normal_size;
    bool cut = line->continues && !is_blank(line->raw[0]);
    if (!words->joined && !cut)
        end_word(words);
    for (size_t at = 0; at < size;) {
        at = take_word(words, text, size, at);
        if (at == size)
            break;
        if (text[at] != '-')
            end_word(words);
        at += character(text, size, at);
    }
    words->joined = ends_in_hyphen(line->raw, line->raw_size);
    if (line->raw_size && is_blank(line->raw[line->raw_size - 1]) && !words->joined)
        end_word(words);
}

void words_end(struct words *words)
{
    end_word(words);
    words->joined = false;
}
