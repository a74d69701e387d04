/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/sketch.h"

#include <string.h>

enum {
    DIGIT_BITS = 8,
    DIGIT_VALUES = 1 << DIGIT_BITS,
    HASH_BITS = SKETCH_HASH_BYTES * 8 - SKETCH_PLACE_BITS
};

void sketch_begin(struct sketch *sketch)
{
    sketch->n_words = 0;
    sketch->below = UINT64_MAX;
    sketch->n = 0;
}

/* By the digit that begins at this bit; what is equal stays in order. */
static void sort_by_digit(const struct sketch_hash *from, size_t n, struct sketch_hash *to, unsigned shift)
{
    unsigned ends[DIGIT_VALUES] = {0};
    for (size_t i = 0; i < n; i++)
        ends[from[i].hash >> shift & (DIGIT_VALUES - 1)]++;
    for (size_t i = 1; i < DIGIT_VALUES; i++)
        ends[i] += ends[i - 1];
    for (size_t i = n; i-- > 0;)
        to[--ends[from[i].hash >> shift & (DIGIT_VALUES - 1)]] = from[i];
}

/* A radix sort: a third of what comparing costs, and no text makes it slower than another. Of equal hashes
 * the first place comes first, since words come in their order and what was sorted before stands in front. */
static void sort(struct sketch *sketch)
{
    struct sketch_hash other[sizeof sketch->hashes / sizeof *sketch->hashes];
    struct sketch_hash *from = sketch->hashes, *to = other;
    for (unsigned shift = 0; shift < HASH_BITS; shift += DIGIT_BITS) {
        sort_by_digit(from, sketch->n, to, shift);
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
    uint64_t shingle = 0;
    memmove(sketch->recent, sketch->recent + 1, sizeof sketch->recent - sizeof *sketch->recent);
    sketch->recent[SHINGLE_WORDS - 1] = hash;
    if (++sketch->n_words < SHINGLE_WORDS)
        return;
    for (size_t i = 0; i < SHINGLE_WORDS; i++)
        shingle = mix(shingle + sketch->recent[i]);
    shingle >>= 64 - HASH_BITS;
    if (shingle >= sketch->below)
        return;
    sketch->hashes[sketch->n++] = (struct sketch_hash){.hash = shingle, .word = sketch->n_words};
    if (sketch->n == sizeof sketch->hashes / sizeof *sketch->hashes)
        settle(sketch);
}

static uint64_t place_of(const struct sketch *sketch, const struct sketch_hash *hash)
{
    uint64_t n_shingles = sketch->n_words - SHINGLE_WORDS + 1;
    return ((hash->word - SHINGLE_WORDS) << SKETCH_PLACE_BITS) / n_shingles;
}

size_t sketch_finish(struct sketch *sketch, uint8_t *out)
{
    settle(sketch);
    if (sketch->n < SKETCH_HASHES_LEAST)
        return 0;
    for (size_t i = 0; i < sketch->n; i++) {
        uint64_t value = sketch->hashes[i].hash << SKETCH_PLACE_BITS | place_of(sketch, &sketch->hashes[i]);
        for (size_t k = 0; k < SKETCH_HASH_BYTES; k++)
            *out++ = (uint8_t)(value >> (8 * (SKETCH_HASH_BYTES - 1 - k)));
    }
    return sketch->n * SKETCH_HASH_BYTES;
}
