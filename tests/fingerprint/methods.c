/* SPDX-License-Identifier: Apache-2.0 */
#include "methods.h"

#include <stdlib.h>
#include <string.h>

enum { PERMUTATIONS = 64, BANDS = 16, ROWS = PERMUTATIONS / BANDS, BUCKETS = 1 << 18 };

uint64_t method_mix(uint64_t x)
{
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdU;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53U;
    return x ^ (x >> 33);
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

size_t method_shingles(const struct tapped *words, unsigned length, uint64_t *hashes)
{
    size_t n = 0, unique = 0;
    for (size_t i = 0; i + length <= words->n; i++) {
        uint64_t hash = 0;
        for (size_t k = 0; k < length; k++)
            hash = method_mix(hash + words->hashes[i + k]);
        hashes[n++] = hash >> 16;
    }
    qsort(hashes, n, sizeof *hashes, compare);
    for (size_t i = 0; i < n; i++)
        if (!unique || hashes[i] != hashes[unique - 1])
            hashes[unique++] = hashes[i];
    return unique;
}

/* MinHash (Broder), 64 permutations, LSH with 16 bands of 4. */
struct minhash {
    const struct method *method;
    uint32_t documents, found_room;
    uint32_t (*signatures)[PERMUTATIONS];
    uint32_t *seen; /* number of the query that met it */
    uint32_t queries;
    struct bucket {
        uint32_t n, room, *documents;
    } * buckets;
};

static void *minhash_make(const struct method *method, uint32_t documents)
{
    struct minhash *index = calloc(1, sizeof *index);
    index->method = method;
    index->documents = documents;
    index->signatures = calloc(documents, sizeof *index->signatures);
    index->seen = calloc(documents, sizeof *index->seen);
    index->buckets = calloc(BUCKETS * BANDS, sizeof *index->buckets);
    return index;
}

static void sign(const struct minhash *index, const struct tapped *words, uint32_t signature[PERMUTATIONS])
{
    static uint64_t hashes[TAP_WORDS_MAX];
    size_t n = method_shingles(words, index->method->words, hashes);
    memset(signature, 0xff, PERMUTATIONS * sizeof *signature);
    for (size_t i = 0; i < n; i++)
        for (unsigned p = 0; p < PERMUTATIONS; p++) {
            uint32_t value =
                (uint32_t)(((hashes[i] + 1) * (2 * p + 0x9e3779b97f4a7c15U) ^ (uint64_t)p << 40) *
                               0xff51afd7ed558ccdU >>
                           32);
            if (value < signature[p])
                signature[p] = value;
        }
}

static struct bucket *bucket_of(struct minhash *index, const uint32_t *signature, unsigned band)
{
    uint64_t key = band + 1;
    for (unsigned r = 0; r < ROWS; r++)
        key = method_mix(key + signature[band * ROWS + r]);
    return &index->buckets[band * BUCKETS + key % BUCKETS];
}

static void minhash_add(void *context, uint32_t document, const struct tapped *words)
{
    struct minhash *index = context;
    sign(index, words, index->signatures[document]);
    for (unsigned band = 0; band < BANDS; band++) {
        struct bucket *bucket = bucket_of(index, index->signatures[document], band);
        if (bucket->n == bucket->room) {
            bucket->room = bucket->room ? bucket->room * 2 : 2;
            bucket->documents = realloc(bucket->documents, bucket->room * sizeof *bucket->documents);
        }
        bucket->documents[bucket->n++] = document;
    }
}

static double resemblance(const uint32_t *a, const uint32_t *b)
{
    unsigned same = 0;
    for (unsigned p = 0; p < PERMUTATIONS; p++)
        same += a[p] == b[p];
    return (double)same / PERMUTATIONS;
}

static struct match minhash_find(void *context, const struct tapped *words)
{
    struct minhash *index = context;
    uint32_t signature[PERMUTATIONS];
    struct match best = {0};
    sign(index, words, signature);
    index->queries++;
    for (unsigned band = 0; band < BANDS; band++) {
        const struct bucket *bucket = bucket_of(index, signature, band);
        for (uint32_t i = 0; i < bucket->n; i++) {
            uint32_t document = bucket->documents[i];
            if (index->seen[document] == index->queries)
                continue;
            index->seen[document] = index->queries;
            double score = resemblance(signature, index->signatures[document]);
            if (score > best.score)
                best = (struct match){score, document};
        }
    }
    return best;
}

/* A band's key and a document's number for each band, the signature once. */
static double minhash_bytes(const void *index)
{
    (void)index;
    return PERMUTATIONS * 4 + BANDS * (8 + 4);
}

static void minhash_end(void *context)
{
    struct minhash *index = context;
    for (size_t i = 0; i < (size_t)BUCKETS * BANDS; i++)
        free(index->buckets[i].documents);
    free(index->buckets);
    free(index->signatures);
    free(index->seen);
    free(index);
}

/* SimHash (Charikar), 64 bits; all documents are compared, which finds at least what any index of it does. */
struct simhash {
    const struct method *method;
    uint32_t n;
    uint64_t *hashes;
};

static void *simhash_make(const struct method *method, uint32_t documents)
{
    struct simhash *index = calloc(1, sizeof *index);
    index->method = method;
    index->n = documents;
    index->hashes = calloc(documents, sizeof *index->hashes);
    return index;
}

static uint64_t simhash_of(const struct simhash *index, const struct tapped *words)
{
    static uint64_t hashes[TAP_WORDS_MAX];
    int sums[64] = {0};
    uint64_t result = 0;
    size_t n = method_shingles(words, index->method->words, hashes);
    for (size_t i = 0; i < n; i++) {
        uint64_t hash = method_mix(hashes[i] + 99);
        for (unsigned bit = 0; bit < 64; bit++)
            sums[bit] += hash >> bit & 1 ? 1 : -1;
    }
    for (unsigned bit = 0; bit < 64; bit++)
        result |= (uint64_t)(sums[bit] > 0) << bit;
    return result;
}

static void simhash_add(void *context, uint32_t document, const struct tapped *words)
{
    struct simhash *index = context;
    index->hashes[document] = simhash_of(index, words);
}

static struct match simhash_find(void *context, const struct tapped *words)
{
    const struct simhash *index = context;
    uint64_t wanted = simhash_of(index, words);
    struct match best = {0};
    for (uint32_t i = 0; i < index->n; i++) {
        double score = 1 - (double)__builtin_popcountll(wanted ^ index->hashes[i]) / 64;
        if (score > best.score)
            best = (struct match){score, i};
    }
    return best;
}

static double simhash_bytes(const void *index)
{
    (void)index;
    return 8;
}

static void simhash_end(void *context)
{
    struct simhash *index = context;
    free(index->hashes);
    free(index);
}

#define HASHES  hashes_make, hashes_add, hashes_find, hashes_bytes, hashes_end
#define MINHASH minhash_make, minhash_add, minhash_find, minhash_bytes, minhash_end
#define SIMHASH simhash_make, simhash_add, simhash_find, simhash_bytes, simhash_end
/* kept >= 24: that many smallest hashes; below: the window of winnowing. */
const struct method methods[] = {
    {"SimHash, 64 bits, 3 words", 3, 0, 0, 0, false, 0, SIMHASH},
    {"MinHash 64, LSH 16 × 4, 3 words", 3, 0, 0, 0, false, 0, MINHASH},
    {"winnowing, window 4, 4 words", 4, 6, 4, 0, false, 0, HASHES},
    {"winnowing, window 4, 4 words, weighted", 4, 6, 4, 64, true, 0, HASHES},
    {"64 smallest, 3 words", 3, 6, 64, 0, false, 0, HASHES},
    {"64 smallest, 3 words, common ones out", 3, 6, 64, 64, false, 0, HASHES},
    {"32 smallest, 3 words, weighted", 3, 6, 32, 64, true, 0, HASHES},
    {"48 smallest, 3 words, weighted", 3, 6, 48, 64, true, 0, HASHES},
    {"64 smallest, 2 words, weighted", 2, 6, 64, 64, true, 0, HASHES},
    {"64 smallest, 4 words, weighted", 4, 6, 64, 64, true, 0, HASHES},
    {"64 smallest, 3 words, weighted", 3, 6, 64, 64, true, 0, HASHES},
    {"64 smallest, 3 words, weighted, at 0.40", 3, 6, 64, 64, true, 0.40, HASHES},
    {"64 smallest, 3 words, weighted to 16, at 0.50", 3, 6, 64, 16, true, 0.50, HASHES},
};
const unsigned n_methods = sizeof methods / sizeof *methods;
