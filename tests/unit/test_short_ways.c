/* SPDX-License-Identifier: Apache-2.0 */
/* What ordinary text takes a short way through says the same as the long way does: random, repeated and
 * multilingual text, each against a plain reading of the same rule. */
#include "inspector/octets.h"
#include "inspector/sketch.h"
#include "inspector/unseen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MOST = 6000, TEXT_ROUNDS = 4000, TEXT_BYTES = 300 };

/* --- sketches */

struct shingle {
    uint64_t hash;
    size_t place; /* of its last word, from 1 */
};

static uint64_t slow_mix(uint64_t x)
{
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdU;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53U;
    return x ^ (x >> 33);
}

static int by_hash_and_place(const void *a, const void *b)
{
    const struct shingle *one = a, *other = b;
    if (one->hash != other->hash)
        return one->hash < other->hash ? -1 : 1;
    return one->place < other->place ? -1 : one->place > other->place;
}

/* As sketch.h says it, all shingles at once. */
static size_t slow_sketch(const uint64_t *words, size_t n, uint8_t *out)
{
    static struct shingle shingles[WORDS_MOST];
    size_t n_shingles = n < SHINGLE_WORDS ? 0 : n - SHINGLE_WORDS + 1, kept = 0;
    for (size_t i = 0; i < n_shingles; i++) {
        uint64_t hash = 0;
        for (size_t k = 0; k < SHINGLE_WORDS; k++)
            hash = slow_mix(hash + words[i + k]);
        shingles[i] = (struct shingle){hash >> 20, i};
    }
    qsort(shingles, n_shingles, sizeof *shingles, by_hash_and_place);
    for (size_t i = 0; i < n_shingles && kept < SKETCH_HASHES_MAX; i++) {
        if (i && shingles[i].hash == shingles[i - 1].hash)
            continue;
        uint64_t value = shingles[i].hash << SKETCH_PLACE_BITS | shingles[i].place * 16 / n_shingles;
        for (unsigned k = 0; k < SKETCH_HASH_BYTES; k++)
            out[kept * SKETCH_HASH_BYTES + k] = (uint8_t)(value >> (8 * (SKETCH_HASH_BYTES - 1 - k)));
        kept++;
    }
    return kept < SKETCH_HASHES_LEAST ? 0 : kept * SKETCH_HASH_BYTES;
}

static uint64_t some_bits(void)
{
    return (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();
}

static void assert_same_sketch(const uint64_t *words, size_t n)
{
    static struct sketch sketch;
    static uint8_t fast[SKETCH_BYTES_MAX], slow[SKETCH_BYTES_MAX];
    memset(&sketch, 0x5a, sizeof sketch);
    sketch_begin(&sketch);
    for (size_t i = 0; i < n; i++)
        sketch_word(&sketch, words[i]);
    size_t size = sketch_finish(&sketch, fast);
    assert_int_equal(size, slow_sketch(words, n, slow));
    assert_memory_equal(fast, slow, size);
}

/* Texts of n different words, or of few that come again and again; around each size at which the way of
 * sorting changes. */
static void sketches_are_the_smallest_hashes(void **state)
{
    static const size_t sizes[] = {0,   1,   2,   3,   17,   18,   19,   65,   66,   67,   68,
                                   130, 258, 500, 900, 1026, 2049, 2050, 2051, 3000, 4096, WORDS_MOST};
    static const size_t vocabularies[] = {1, 2, 3, 5, 11, 40, 150, 1000, WORDS_MOST};
    static uint64_t vocabulary[WORDS_MOST], words[WORDS_MOST];
    (void)state;
    srand(5);
    for (size_t i = 0; i < WORDS_MOST; i++)
        vocabulary[i] = some_bits();
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t v = 0; v < sizeof vocabularies / sizeof *vocabularies; v++) {
            for (size_t i = 0; i < sizes[s]; i++)
                words[i] = vocabulary[v % 2 ? (size_t)rand() % vocabularies[v] : i % vocabularies[v]];
            assert_same_sketch(words, sizes[s]);
        }
}

/* --- multilingual text */

static const char *const pieces[] = {
    "La réunion ",
    "مذكرة مصلحة ",
    "ⵜⴰⵎⵓⵔⵜ ",
    "Straße, naïve — ",
    "\t",
    " \t \t",
    "\t ",
    "\r\n",
    "\n",
    "   ",
    "会议 ",
    "👩‍👩‍👧 ",
    "e\xcc\x81\xcc\x80",
    "\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xe2\x80\x8b\xe2\x80\x8c\xe2\x80"
    "\x8d",
    "\xc2\xad",
    "\xf3\xa0\x80\x81",
    "\x1b[1m",
    "\x7f",
    "a",
    "The quick brown fox jumps over the lazy dog. ",
};

static size_t some_text(char text[TEXT_BYTES])
{
    size_t used = 0, most = (size_t)rand() % TEXT_BYTES;
    for (;;) {
        const char *piece = pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)];
        size_t size = strlen(piece);
        if (used + size > most)
            return used;
        memcpy(text + used, piece, size);
        used += size;
    }
}

/* Every character by itself. */
static void slow_unseen(struct unseen *unseen, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        unseen_feed(unseen, text + i, 1);
}

static void unseen_signs_are_counted_in_pieces_of_any_size(void **state)
{
    char text[TEXT_BYTES];
    (void)state;
    srand(6);
    for (unsigned round = 0; round < TEXT_ROUNDS; round++) {
        struct unseen whole = {0}, pieced = {0}, single = {0};
        for (unsigned k = 0; k < 3; k++) {
            size_t size = some_text(text), cut = size ? (size_t)rand() % size : 0;
            unseen_feed(&whole, text, size);
            unseen_feed(&pieced, text, cut);
            unseen_feed(&pieced, text + cut, size - cut);
            slow_unseen(&single, text, size);
        }
        assert_int_equal(whole.runs, single.runs);
        assert_int_equal(whole.turns, single.turns);
        assert_int_equal(whole.run, single.run);
        assert_int_equal(whole.before, single.before);
        assert_int_equal(pieced.runs, single.runs);
        assert_int_equal(pieced.turns, single.turns);
    }
}

static void unseen_signs_are_the_ones_of_the_text(void **state)
{
    static const struct {
        const char *text;
        unsigned runs, turns;
    } rows[] = {
        {"La réunion mensuelle", 0, 0},
        {"a \tb", 0, 1},
        {"a\t b", 0, 1},
        {" \t \t ", 0, 4},
        {"x\t\ty  z", 0, 0},
        {"\t", 0, 0},
        {"a\xe2\x80\x8b"
         "b",
         0, 0},
        {"\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b",
         8, 0},
        {"\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b"
         "a\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b",
         0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct unseen unseen = {0};
        unseen_feed(&unseen, rows[i].text, strlen(rows[i].text));
        if (unseen.runs != rows[i].runs || unseen.turns != rows[i].turns)
            fail_msg("row %zu: %u runs, %u turns", i, unseen.runs, unseen.turns);
    }
}

static void characters_are_counted_up_to_a_number(void **state)
{
    (void)state;
    srand(7);
    for (unsigned round = 0; round < TEXT_ROUNDS; round++) {
        char room[TEXT_BYTES];
        size_t size = some_text(room), slow = 0, most = (size_t)rand() % (TEXT_BYTES + 20);
        char *text = malloc(size ? size : 1);
        assert_non_null(text);
        memcpy(text, room, size);
        for (size_t i = 0; i < size; i++)
            slow += ((unsigned char)text[i] & 0xc0) != 0x80;
        size_t counted = octets_characters(text, size, most);
        if (slow <= most)
            assert_int_equal(counted, slow);
        else
            assert_in_range(counted, most + 1, slow);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sketches_are_the_smallest_hashes),
        cmocka_unit_test(unseen_signs_are_counted_in_pieces_of_any_size),
        cmocka_unit_test(unseen_signs_are_the_ones_of_the_text),
        cmocka_unit_test(characters_are_counted_up_to_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
