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
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorts, drops what is there twice and what is not among the smallest. */
static void settle(struct sketch *sketch)
{
    size_t n = 0;
    qsort(sketch->hashes, sketch->n, sizeof *sketch->hashes, compare);
    for (size_t i = 0; i < sketch->n && n < SKETCH_HASHES_MAX; i++)
        if (!n || sketch->hashes[i] != sketch->hashes[n - 1])
            sketch->hashes[n++] = sketch->hashes[i];
    sketch->n = n;
    if (n == SKETCH_HASHES_MAX)
        sketch->below = sketch->hashes[n - 1];
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
    shingle >>= 64 - SKETCH_HASH_BYTES * 8;
    if (shingle >= sketch->below)
        return;
    sketch->hashes[sketch->n++] = shingle;
    if (sketch->n == sizeof sketch->hashes / sizeof *sketch->hashes)
        settle(sketch);
}

size_t sketch_finish(struct sketch *sketch, uint8_t *out)
{
    settle(sketch);
    if (sketch->n < SKETCH_HASHES_LEAST)
        return 0;
    for (size_t i = 0; i < sketch->n; i++)
        for (size_t k = 0; k < SKETCH_HASH_BYTES; k++)
            *out++ = (uint8_t)(sketch->hashes[i] >> (8 * (SKETCH_HASH_BYTES - 1 - k)));
    return sketch->n * SKETCH_HASH_BYTES;
}
