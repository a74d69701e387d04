/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/sketch.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

enum {
    DIGIT_BITS = 8,
    DIGIT_VALUES = 1 << DIGIT_BITS,
    SPREAD_MOST = 24, /* of one first digit: on average there are at most 8 */
    FEW = 64,
    HASH_BITS = SKETCH_HASH_BYTES * 8 - SKETCH_PLACE_BITS
};

void sketch_begin(struct sketch *sketch)
{
    sketch->n_words = 0;
    sketch->below = UINT64_MAX;
    sketch->n = 0;
    memset(sketch->begun, 0, sizeof sketch->begun);
    memset(sketch->known, 0, sizeof sketch->known);
}

/* Where each digit's hashes end, if they stood in order. Returns how many the most frequent has. */
static unsigned count_digits(const struct sketch_hash *from, size_t n, unsigned shift,
                             unsigned ends[DIGIT_VALUES])
{
    unsigned most = 0;
    memset(ends, 0, DIGIT_VALUES * sizeof *ends);
    for (size_t i = 0; i < n; i++)
        ends[from[i].hash >> shift & (DIGIT_VALUES - 1)]++;
    for (size_t i = 0, end = 0; i < DIGIT_VALUES; i++) {
        most = ends[i] > most ? ends[i] : most;
        end += ends[i];
        ends[i] = (unsigned)end;
    }
    return most;
}

/* What is equal stays in order. */
static void deal(const struct sketch_hash *from, size_t n, struct sketch_hash *to, unsigned shift,
                 unsigned ends[DIGIT_VALUES])
{
    for (size_t i = n; i-- > 0;)
        to[--ends[from[i].hash >> shift & (DIGIT_VALUES - 1)]] = from[i];
}

/* For what is nearly in order, or little. */
static void sort_by_insertion(struct sketch_hash *hashes, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct sketch_hash hash = hashes[i];
        size_t to = i;
        for (; to && hashes[to - 1].hash > hash.hash; to--)
            hashes[to] = hashes[to - 1];
        hashes[to] = hash;
    }
}

/* By the first digit alone, and the few of one digit by insertion. False: there are more than a few. */
static bool sort_spread(struct sketch *sketch, struct sketch_hash *other)
{
    unsigned ends[DIGIT_VALUES];
    const unsigned shift = HASH_BITS - DIGIT_BITS;
    if (count_digits(sketch->hashes, sketch->n, shift, ends) > SPREAD_MOST)
        return false;
    deal(sketch->hashes, sketch->n, other, shift, ends);
    sort_by_insertion(other, sketch->n);
    memcpy(sketch->hashes, other, sketch->n * sizeof *other);
    return true;
}

/* A radix sort: a third of what comparing costs, and no text makes it slower than another. Of equal hashes
 * the first place comes first, since words come in their order and what was sorted before stands in front.
 * Hashes of one text lie all over their range, so that mostly one digit is enough. */
static void sort(struct sketch *sketch)
{
    struct sketch_hash other[sizeof sketch->hashes / sizeof *sketch->hashes];
    struct sketch_hash *from = sketch->hashes, *to = other;
    unsigned ends[DIGIT_VALUES];
    if (sort_spread(sketch, other))
        return;
    for (unsigned shift = 0; shift < HASH_BITS; shift += DIGIT_BITS) {
        (void)count_digits(from, sketch->n, shift, ends);
        deal(from, sketch->n, to, shift, ends);
        struct sketch_hash *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != sketch->hashes)
        memcpy(sketch->hashes, from, sketch->n * sizeof *from);
}

/* Sorts, drops what is there twice (the first place stays) and what is not among the smallest. */
static void settle(struct sketch *sketch)
{
    size_t n = 0;
    if (sketch->n <= FEW)
        sort_by_insertion(sketch->hashes, sketch->n);
    else
        sort(sketch);
    for (size_t i = 0; i < sketch->n && n < SKETCH_HASHES_MAX; i++)
        if (!n || sketch->hashes[i].hash != sketch->hashes[n - 1].hash)
            sketch->hashes[n++] = sketch->hashes[i];
    sketch->n = n;
    if (n == SKETCH_HASHES_MAX)
        sketch->below = sketch->hashes[n - 1].hash;
}

/* The finaliser of MurmurHash3: every bit of what goes in moves every bit that comes out. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdU;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53U;
    return x ^ (x >> 33);
}

void sketch_word(struct sketch *sketch, uint64_t hash)
{
    for (size_t i = SHINGLE_WORDS - 1; i; i--)
        sketch->begun[i] = mix(sketch->begun[i - 1] + hash);
    sketch->begun[0] = mix(hash);
    if (++sketch->n_words < SHINGLE_WORDS)
        return;
    uint64_t shingle = sketch->begun[SHINGLE_WORDS - 1] >> (64 - HASH_BITS);
    uint64_t *known = &sketch->known[shingle % SKETCH_KNOWN];
    if (shingle >= sketch->below || *known == shingle + 1)
        return;
    *known = shingle + 1;
    sketch->hashes[sketch->n++] = (struct sketch_hash){.hash = shingle, .word = sketch->n_words};
    if (sketch->n == sizeof sketch->hashes / sizeof *sketch->hashes)
        settle(sketch);
}

/* word * 16 / shingles, which is less than 16, without dividing. */
static uint64_t place_of(const struct sketch *sketch, const struct sketch_hash *hash)
{
    uint64_t n_shingles = sketch->n_words - SHINGLE_WORDS + 1, place = 0;
    uint64_t sixteenths = (hash->word - SHINGLE_WORDS) << SKETCH_PLACE_BITS;
    for (uint64_t bit = 1U << (SKETCH_PLACE_BITS - 1); bit; bit /= 2)
        if (sixteenths >= (place | bit) * n_shingles)
            place |= bit;
    return place;
}

size_t sketch_finish(struct sketch *sketch, uint8_t *out)
{
    settle(sketch);
    if (sketch->n < SKETCH_HASHES_LEAST)
        return 0;
    for (size_t i = 0; i < sketch->n; i++, out += SKETCH_HASH_BYTES) {
        uint64_t value =
            htobe64(sketch->hashes[i].hash << SKETCH_PLACE_BITS | place_of(sketch, &sketch->hashes[i]));
        memcpy(out, (const uint8_t *)&value + sizeof value - SKETCH_HASH_BYTES, SKETCH_HASH_BYTES);
    }
    return sketch->n * SKETCH_HASH_BYTES;
}
