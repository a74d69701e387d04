/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/persons.h"

#include "inspector/normal.h"

enum { LETTERS_MAX = 2, DIGITS_LEAST = 5, DIGITS_MOST = 7, HASH_LEAST = 7 };

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Beside these it is a piece of something else: "AB12345/2024", "FA-20241", "x.AB12345". */
static bool binds(const char *line, size_t size, size_t at)
{
    if (at >= size)
        return false;
    unsigned char c = (unsigned char)line[at];
    if (c < 128)
        return normal_is_word(c) || c == '/' || c == '-' || c == '_' || c == '@' || c == '#' || c == '.' ||
               c == '=' || c == '|';
    return normal_is_word(fold_next(line, size, &at));
}

/* A stop or dash at the end of a sentence binds nothing. */
static bool binds_after(const char *line, size_t size, size_t at)
{
    if (at + 1 < size && (line[at] == '.' || line[at] == '-'))
        return binds(line, size, at + 1);
    return at < size && line[at] != '.' && binds(line, size, at);
}

static bool binds_before(const char *line, size_t at)
{
    size_t before = at;
    if (!at)
        return false;
    while (before && ((unsigned char)line[--before] & 0xc0) == 0x80)
        ;
    return binds(line, at, before);
}

/* The size of the number that begins at `at`; 0: none does. */
static size_t number_at(const char *line, size_t size, size_t at)
{
    size_t letters = 0, digits = 0;
    while (at + letters < size && is_letter(line[at + letters]))
        letters++;
    while (at + letters + digits < size && is_digit(line[at + letters + digits]))
        digits++;
    bool shape = letters && letters <= LETTERS_MAX && digits >= DIGITS_LEAST && digits <= DIGITS_MOST;
    return shape && !binds_after(line, size, at + letters + digits) ? letters + digits : 0;
}

static void keep_series(struct persons *persons, const char *number)
{
    uint16_t series = (uint16_t)((unsigned char)number[0] << 8 | (is_letter(number[1]) ? number[1] : 0));
    for (size_t i = 0; i < persons->n_series; i++)
        if (persons->series[i] == series)
            return;
    if (persons->n_series < PERSONS_SERIES)
        persons->series[persons->n_series++] = series;
}

static void keep(struct persons *persons, const char *number, size_t size)
{
    uint64_t packed = 0;
    for (size_t i = 0; i < size; i++)
        packed = packed * 37 + (uint64_t)(is_digit(number[i]) ? number[i] - '0' + 1 : number[i] - 'A' + 11);
    for (size_t i = 0; i < persons->n; i++)
        if (persons->seen[i] == packed)
            return;
    keep_series(persons, number);
    if (persons->n < PERSONS_MAX)
        persons->seen[persons->n++] = packed;
}

static size_t word_size(const char *line, size_t size, size_t at)
{
    size_t end = at;
    while (end < size && normal_is_word((unsigned char)line[end]))
        end++;
    return end - at;
}

/* "9fde8127": a name of a commit. Among them are some that look like a card's number: "e626925". */
static bool is_hash(const char *word, size_t size)
{
    size_t letters = 0, turns = 0;
    for (size_t i = 0; i < size; i++) {
        if (!is_digit(word[i]) && !(word[i] >= 'A' && word[i] <= 'F'))
            return false;
        letters += is_letter(word[i]);
        turns += i && is_letter(word[i]) != is_letter(word[i - 1]);
    }
    return size >= HASH_LEAST && letters && letters < size && (turns > 1 || !is_letter(word[0]));
}

void persons_read(struct persons *persons, const struct phrases *phrases, const char *line, size_t size,
                  bool digits)
{
    if (!persons->named && phrases_on(phrases, PHRASE_PERSON, line, size))
        persons->named = true;
    for (size_t at = 0; digits && at < size; at++) {
        if (!is_letter(line[at]) && !is_digit(line[at]))
            continue;
        size_t word = word_size(line, size, at);
        size_t number = is_digit(line[at]) || binds_before(line, at) ? 0 : number_at(line, size, at);
        if (number)
            keep(persons, line + at, number);
        else if (is_hash(line + at, word))
            persons->n_hashes++;
        at += word - 1;
    }
}

bool persons_are_a_list(const struct persons *persons, unsigned beside, unsigned alone)
{
    return (persons->named && beside && persons->n >= beside) ||
           (alone && persons->n >= alone && persons->n_series == PERSONS_SERIES &&
            persons->n_hashes < persons->n);
}
