/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/ref_numbers.h"

#include "inspector/normal.h"

#include <string.h>

enum { FIRST_DIGITS_MAX = 6, PART_MAX = 12, PARTS_MORE = 6, CODE_LEAST = 4, CODE_MOST = 41 };

struct scan {
    const char *line;
    size_t size;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_blanks(const struct scan *scan, size_t at)
{
    while (at < scan->size && scan->line[at] == ' ')
        at++;
    return at;
}

static size_t skip_digits(const struct scan *scan, size_t at)
{
    while (at < scan->size && is_digit(scan->line[at]))
        at++;
    return at;
}

/* Letters and digits, '&' among them; at most PART_MAX characters, else nothing is skipped: a word of prose.
 */
static size_t skip_part(const struct scan *scan, size_t at)
{
    size_t from = at, characters = 0;
    while (at < scan->size) {
        size_t next = at;
        uint32_t code = fold_next(scan->line, scan->size, &next);
        if (!normal_is_word(code) && code != '&')
            break;
        at = next;
        characters++;
    }
    return characters <= PART_MAX ? at : from;
}

/* Behind what parts two parts, or where it was. Blanks may stand around '/', and around '-' before digits; a
 * stop has none, since it also ends sentences. */
static size_t skip_separator(const struct scan *scan, size_t at)
{
    size_t sign = skip_blanks(scan, at), next;
    if (sign >= scan->size || !strchr("/-._", scan->line[sign]))
        return at;
    next = skip_blanks(scan, sign + 1);
    bool blanks = sign > at || next > sign + 1;
    if (blanks && scan->line[sign] != '/' &&
        (scan->line[sign] != '-' || next >= scan->size || !is_digit(scan->line[next])))
        return at;
    return next;
}

/* Digits and 1 to 6 parts. Returns where it ends; `at`: there is none. */
static size_t number_end(const struct scan *scan, size_t at)
{
    size_t end = skip_digits(scan, at);
    unsigned parts = 0;
    if (end == at || end - at > FIRST_DIGITS_MAX)
        return at;
    for (; parts < PARTS_MORE; parts++) {
        size_t part = skip_separator(scan, end), part_end = skip_part(scan, part);
        if (part == end || part_end == part)
            break;
        end = part_end;
    }
    return parts ? end : at;
}

/* Letters, digits and what parts them, without blanks but around '/'. At least one digit, and a part or four
 * digits. */
static size_t code_end(const struct scan *scan, size_t at)
{
    size_t end = skip_part(scan, at), digits = 0;
    unsigned parts = end > at;
    while (parts && parts <= PARTS_MORE) {
        size_t part = skip_separator(scan, end), part_end = skip_part(scan, part);
        if (part == end || part_end == part)
            break;
        end = part_end;
        parts++;
    }
    for (size_t i = at; i < end; i++)
        digits += is_digit(scan->line[i]);
    bool good =
        digits && (parts > 1 || digits >= CODE_LEAST) && end - at >= CODE_LEAST && end - at <= CODE_MOST;
    return good ? end : at;
}

static void keep(struct ref_numbers *references, const char *text, size_t size)
{
    char key[REFERENCE_KEY_ROOM];
    if (!normal_fold() || !reference_key(normal_fold(), text, size, key))
        return;
    for (size_t i = 0; i < references->n; i++)
        if (!strcmp(references->keys[i], key))
            return;
    if (references->n < INSPECT_REFERENCES_MAX)
        memcpy(references->keys[references->n++], key, sizeof key);
}

/* Blanks, colon, stop, and the ring of "N°". */
static size_t skip_signs(const struct scan *scan, size_t at)
{
    while (at < scan->size && strchr(" :.\xc2\xb0", scan->line[at]))
        at++;
    return at;
}

/* By the words just before, some of which may stand on the line above. */
static bool is_of_something_else(const struct ref_numbers *references, const struct scan *scan,
                                 const struct phrases *phrases, size_t at)
{
    char before[2 * REF_TAIL_ROOM + 1];
    size_t used = 0, from = at > REF_TAIL_ROOM ? at - REF_TAIL_ROOM : 0;
    if (!from) {
        memcpy(before, references->tail, references->tail_size);
        used = references->tail_size;
        before[used++] = ' ';
    }
    memcpy(before + used, scan->line + from, at - from);
    return phrases_before(phrases, PHRASE_NOT_AFTER, before, used + at - from);
}

void ref_numbers_pass(struct ref_numbers *references, const char *line, size_t size)
{
    size_t from = size > REF_TAIL_ROOM ? size - REF_TAIL_ROOM : 0;
    while (from < size && ((unsigned char)line[from] & 0xc0) == 0x80)
        from++;
    references->tail_size = size - from;
    memcpy(references->tail, line + from, size - from);
}

/* Where the reference that the word at `at` announces begins and ends. False: it announces none. */
static bool announced(const struct ref_numbers *references, const struct scan *scan,
                      const struct phrases *phrases, size_t at, size_t *start, size_t *end)
{
    size_t word = phrases_at(phrases, PHRASE_NUMBER, scan->line, scan->size, at);
    if (word) {
        *start = skip_signs(scan, at + word);
        *end = number_end(scan, *start);
        return *end > *start && !is_of_something_else(references, scan, phrases, at);
    }
    word = phrases_at(phrases, PHRASE_REFERENCE, scan->line, scan->size, at);
    if (!word)
        return false;
    *start = skip_signs(scan, at + word);
    if (!memchr(scan->line + at + word, ':', *start - at - word) &&
        !memchr(scan->line + at + word, '.', *start - at - word))
        return false;
    size_t number = phrases_at(phrases, PHRASE_NUMBER, scan->line, scan->size, *start);
    if (number)
        *start = skip_signs(scan, *start + number);
    *end = code_end(scan, *start);
    return *end > *start;
}

unsigned ref_numbers_read(struct ref_numbers *references, const struct phrases *phrases, const char *line,
                          size_t size)
{
    const struct scan scan = {line, size};
    bool within = false;
    unsigned found = 0;
    size_t start, end;
    for (size_t at = 0; at < size;) {
        if (!within && announced(references, &scan, phrases, at, &start, &end)) {
            keep(references, line + start, end - start);
            found++;
            at = end;
            within = true;
            continue;
        }
        within = normal_is_word(fold_next(line, size, &at));
    }
    ref_numbers_pass(references, line, size);
    return found;
}
