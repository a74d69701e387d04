/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/sketch.h"

#include <stdlib.h>

void sketch_begin(struct sketch *sketch)
{
    sketch->n_words = 0;
    sketch->below = UINT64_MAX;
    sketch->n = 0;
}

static int compare(const void *a, const void *b)
{
    const struct sketch_hash *x = a, *y = b;
    int order = (x->hash > y->hash) - (x->hash < y->hash);
    return order ? order : (x->word > y->word) - (x->word < y->word);
}

/* Sorts, drops what is there twice (the first place stays) and what is not among the smallest. */
static void settle(struct sketch *sketch)
{
    size_t n = 0;
    qsort(sketch->hashes, sketch->n, sizeof *sketch->hashes, compare);
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
    sketch->recent[sketch->n_words++ % SHINGLE_WORDS] = hash;
    if (sketch->n_words < SHINGLE_WORDS)
        return;
    for (size_t i = 0; i < SHINGLE_WORDS; i++)
        shingle = mix(shingle + sketch->recent[(sketch->n_words + i) % SHINGLE_WORDS]);
    shingle >>= 64 - SKETCH_HASH_BYTES * 8 + SKETCH_PLACE_BITS;
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
