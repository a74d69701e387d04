/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/phrases.h"

#include "inspector/normal.h"

#include <stdlib.h>
#include <string.h>

enum { USES = PHRASE_PERSON + 1, PAIRS = 8 * 1024 };

struct phrase {
    char *text; /* normal form */
    size_t size;
};

struct phrases {
    struct phrase *list[USES];
    size_t n[USES];
    /* A phrase begins with these two bytes; of one that is a single byte, any may come next. */
    unsigned char pairs[USES][PAIRS];
    bool firsts[USES][256]; /* one begins with this byte */
};

static unsigned pair_of(const char *text)
{
    return (unsigned)(unsigned char)text[0] << 8 | (unsigned char)text[1];
}

static bool add(struct phrases *phrases, const struct phrase_row *row)
{
    char normal[MARKING_KEY_ROOM];
    size_t size = normal_line(row->form, strlen(row->form), normal, sizeof normal);
    struct phrase *phrase = &phrases->list[row->use][phrases->n[row->use]];
    phrase->text = strdup(normal);
    phrase->size = size;
    if (!phrase->text)
        return false;
    phrases->n[row->use]++;
    phrases->firsts[row->use][(unsigned char)normal[0]] = true;
    for (unsigned next = 0; next < 256; next++) {
        unsigned pair = (unsigned)(unsigned char)normal[0] << 8 | next;
        if (size == 1 || (unsigned char)normal[1] == next)
            phrases->pairs[row->use][pair / 8] |= (unsigned char)(1U << pair % 8);
    }
    return true;
}

struct phrases *phrases_new(const struct marking_tables *tables)
{
    struct phrases *phrases = calloc(1, sizeof *phrases);
    bool good = phrases != NULL;
    for (size_t i = 0; good && i < USES; i++) {
        phrases->list[i] = calloc(tables->n_phrases + 1, sizeof *phrases->list[i]);
        good = phrases->list[i] != NULL;
    }
    for (size_t i = 0; good && i < tables->n_phrases; i++)
        good = add(phrases, &tables->phrases[i]);
    if (good)
        return phrases;
    phrases_free(phrases);
    return NULL;
}

void phrases_free(struct phrases *phrases)
{
    if (!phrases)
        return;
    for (size_t use = 0; use < USES; use++) {
        for (size_t i = 0; i < phrases->n[use]; i++)
            free(phrases->list[use][i].text);
        free(phrases->list[use]);
    }
    free(phrases);
}

static bool ends_word(const struct phrase *phrase, const char *line, size_t size, size_t at)
{
    size_t last = phrase->size;
    while (last && ((unsigned char)phrase->text[--last] & 0xc0) == 0x80)
        ;
    /* "N°154": what ends in a mark needs none behind it. */
    if (!normal_is_word(fold_next(phrase->text, phrase->size, &last)))
        return true;
    return at == size || !normal_is_word(fold_next(line, size, &at));
}

size_t phrases_at(const struct phrases *phrases, enum phrase_use use, const char *line, size_t size,
                  size_t at)
{
    size_t best = 0;
    if (at + 1 >= size)
        return 0;
    unsigned pair = pair_of(line + at);
    if (!(phrases->pairs[use][pair / 8] >> pair % 8 & 1))
        return 0;
    for (size_t i = 0; i < phrases->n[use]; i++) {
        const struct phrase *phrase = &phrases->list[use][i];
        if (phrase->size > best && size - at >= phrase->size &&
            memcmp(line + at, phrase->text, phrase->size) == 0 &&
            ends_word(phrase, line, size, at + phrase->size))
            best = phrase->size;
    }
    return best;
}

static size_t step_back(const char *line, size_t at)
{
    while (at && ((unsigned char)line[--at] & 0xc0) == 0x80)
        ;
    return at;
}

/* A word begins at `at`, as far as the character before it goes. */
static bool is_start(const char *line, size_t at)
{
    if (!at)
        return true;
    if ((unsigned char)line[at - 1] < 128)
        return !normal_is_word((unsigned char)line[at - 1]);
    size_t before = step_back(line, at);
    return !normal_is_word(fold_next(line, at, &before));
}

bool phrases_on(const struct phrases *phrases, enum phrase_use use, const char *line, size_t size)
{
    const unsigned char *pairs = phrases->pairs[use];
    const bool *firsts = phrases->firsts[use];
    for (size_t at = 0; at + 1 < size; at++) {
        if (!firsts[(unsigned char)line[at]])
            continue;
        unsigned pair = pair_of(line + at);
        if ((pairs[pair / 8] >> pair % 8 & 1) && is_start(line, at) &&
            phrases_at(phrases, use, line, size, at))
            return true;
    }
    return false;
}

/* Waw, ba, lam, fa and the article, as far as the line's word goes. */
static bool is_prefix(const char *line, size_t start, size_t end)
{
    static const char *const prefixes[] = {"ال", "و", "ب", "ل", "ف", "وال", "بال", "لل", "فال", "ول", "وب"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (end - start == strlen(prefixes[i]) && memcmp(line + start, prefixes[i], end - start) == 0)
            return true;
    return false;
}

static bool begins_word(const char *line, size_t at)
{
    size_t before = step_back(line, at), next = before, word = at;
    if (!at || !normal_is_word(fold_next(line, at, &next)))
        return true;
    while (word &&
           (before = step_back(line, word), next = before, normal_is_word(fold_next(line, word, &next))))
        word = before;
    return is_prefix(line, word, at);
}

bool phrases_before(const struct phrases *phrases, enum phrase_use use, const char *line, size_t end)
{
    for (size_t before; end; end = before) {
        before = step_back(line, end);
        size_t next = before;
        if (normal_is_word(fold_next(line, end, &next)))
            break;
    }
    for (size_t i = 0; i < phrases->n[use]; i++) {
        const struct phrase *phrase = &phrases->list[use][i];
        if (end >= phrase->size && memcmp(line + end - phrase->size, phrase->text, phrase->size) == 0 &&
            begins_word(line, end - phrase->size))
            return true;
    }
    return false;
}
