/* SPDX-License-Identifier: Apache-2.0 */
#include "methods.h"

#include "inspector/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One hash table of posting lists. What a document keeps is either what winnowing selects (Schleimer,
 * Wilkerson, Aiken) or its smallest hashes under the site's key among the smallest without it; hashes that
 * `common` documents have already are passed over, and count no more for those that had them before. */

enum { WINDOW_BELOW = 24, KEPT_MAX = 128, WORDS_A_HASH = 16, BEST = 4 };
static const uint64_t nothing_kept = UINT64_MAX;

struct posting {
    uint64_t hash; /* 0: free */
    uint32_t n, room, *documents;
};

struct kept {
    uint64_t *hashes, last, sampled; /* last: the largest, when larger ones were left out */
    unsigned n;
};

struct index {
    const struct method *method;
    uint32_t n_documents;
    struct kept *kept;
    size_t n_slots, n_used, n_postings;
    struct posting *slots;
    uint16_t *counts; /* of a query; zero between queries */
    float *weights;   /* the same */
    double unit;
    uint32_t *met;
};

struct query {
    size_t n;
    uint64_t sampled; /* unkeyed hashes above were left out */
    struct {
        uint64_t keyed, plain;
    } hashes[TAP_WORDS_MAX];
};

void *hashes_make(const struct method *method, uint32_t documents)
{
    struct index *index = calloc(1, sizeof *index);
    index->method = method;
    index->n_documents = documents;
    index->kept = calloc(documents, sizeof *index->kept);
    index->counts = calloc(documents, sizeof *index->counts);
    index->weights = calloc(documents, sizeof *index->weights);
    index->met = calloc(documents, sizeof *index->met);
    index->unit = method->common ? log(method->common) : 1;
    index->n_slots = 1 << 20;
    index->slots = calloc(index->n_slots, sizeof *index->slots);
    return index;
}

static struct posting *slot_of(struct posting *slots, size_t n_slots, uint64_t hash)
{
    size_t at = (size_t)method_mix(hash) & (n_slots - 1);
    while (slots[at].hash && slots[at].hash != hash)
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

static void grow(struct index *index)
{
    size_t n_slots = index->n_slots * 2;
    struct posting *slots = calloc(n_slots, sizeof *slots);
    for (size_t i = 0; i < index->n_slots; i++)
        if (index->slots[i].hash)
            *slot_of(slots, n_slots, index->slots[i].hash) = index->slots[i];
    free(index->slots);
    index->slots = slots;
    index->n_slots = n_slots;
}

/* What one hash says: 1 when one document at most has it, 0 when many have. */
static double weight_of(const struct index *index, uint64_t hash)
{
    unsigned n = slot_of(index->slots, index->n_slots, hash)->n;
    if (!index->method->common)
        return 1;
    if (n >= index->method->common)
        return 0;
    return n < 2 || !index->method->weighted ? 1 : 1 - log(n) / index->unit;
}

static bool is_common(const struct index *index, uint64_t hash)
{
    return index->method->common && slot_of(index->slots, index->n_slots, hash)->n >= index->method->common;
}

static void post(struct index *index, uint64_t hash, uint32_t document)
{
    if (index->n_used * 2 > index->n_slots)
        grow(index);
    struct posting *posting = slot_of(index->slots, index->n_slots, hash);
    index->n_used += !posting->hash;
    posting->hash = hash;
    if (posting->n == posting->room) {
        posting->room = posting->room ? posting->room * 2 : 1;
        posting->documents = realloc(posting->documents, posting->room * sizeof *posting->documents);
    }
    posting->documents[posting->n++] = document;
    index->n_postings++;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b; /* the keyed one stands first */
    return (x > y) - (x < y);
}

static uint64_t keyed(uint64_t hash)
{
    return (method_mix(hash * 3 + 0x5eed) >> 16) | 1;
}

static void sample(const struct method *method, const struct tapped *words, struct query *query)
{
    static uint64_t all[TAP_WORDS_MAX];
    size_t n = method_shingles(words, method->words, all);
    query->sampled = (uint64_t)1 << 48;
    if (n > SKETCH_HASHES_MAX) {
        n = SKETCH_HASHES_MAX;
        query->sampled = all[n - 1];
    }
    query->n = n;
    for (size_t i = 0; i < n; i++) {
        query->hashes[i].plain = all[i];
        query->hashes[i].keyed = keyed(all[i]);
    }
    qsort(query->hashes, n, sizeof *query->hashes, compare);
}

static void winnow(const struct method *method, const struct tapped *words, struct query *query)
{
    uint64_t last = 0;
    size_t n = 0, n_shingles = words->n >= method->words ? words->n - method->words + 1 : 0;
    static uint64_t all[TAP_WORDS_MAX];
    for (size_t i = 0; i < n_shingles; i++) {
        uint64_t hash = 0;
        for (size_t k = 0; k < method->words; k++)
            hash = method_mix(hash + words->hashes[i + k]);
        all[i] = (hash >> 16) | 1;
    }
    for (size_t i = 0; i + method->kept <= n_shingles; i++) {
        uint64_t least = all[i];
        for (size_t k = 1; k < method->kept; k++)
            if (all[i + k] < least)
                least = all[i + k];
        if (least != last)
            query->hashes[n++].keyed = last = least;
    }
    qsort(query->hashes, n, sizeof *query->hashes, compare);
    query->n = 0;
    for (size_t i = 0; i < n; i++)
        if (!query->n || query->hashes[query->n - 1].keyed != query->hashes[i].keyed)
            query->hashes[query->n++].keyed = query->hashes[i].keyed;
    for (size_t i = 0; i < query->n; i++)
        query->hashes[i].plain = 0;
    query->sampled = (uint64_t)1 << 48;
}

static void read(const struct method *method, const struct tapped *words, struct query *query)
{
    if (method->kept < WINDOW_BELOW)
        winnow(method, words, query);
    else
        sample(method, words, query);
}

static unsigned to_keep(const struct method *method, const struct query *query)
{
    if (method->kept < WINDOW_BELOW)
        return UINT16_MAX;
    double shingles = (double)query->n * (double)((uint64_t)1 << 48) / (double)query->sampled;
    double wanted = shingles / WORDS_A_HASH;
    return wanted > KEPT_MAX ? KEPT_MAX : wanted > method->kept ? (unsigned)wanted : method->kept;
}

void hashes_add(void *context, uint32_t document, const struct tapped *words)
{
    struct index *index = context;
    static struct query query;
    read(index->method, words, &query);
    struct kept *kept = &index->kept[document];
    unsigned room = to_keep(index->method, &query);
    kept->sampled = query.sampled;
    kept->last = nothing_kept;
    kept->hashes = malloc((query.n + 1) * sizeof *kept->hashes);
    for (size_t i = 0; i < query.n; i++) {
        if (is_common(index, query.hashes[i].keyed))
            continue;
        if (kept->n == room) {
            kept->last = kept->hashes[kept->n - 1];
            break;
        }
        kept->hashes[kept->n++] = query.hashes[i].keyed;
    }
    for (unsigned i = 0; i < kept->n; i++)
        post(index, kept->hashes[i], document);
}

/* How much of the document the query has, or the query of the document, whichever is more. */
static double score(const struct index *index, uint32_t document, const struct query *query, unsigned agree)
{
    const struct kept *kept = &index->kept[document];
    double known = 0, asked = 0;
    if (agree < index->method->minimum || (index->method->weighted && index->weights[document] < 3))
        return 0;
    for (unsigned i = 0; i < kept->n; i++)
        known += weight_of(index, kept->hashes[i]);
    for (size_t i = 0; i < query->n && query->hashes[i].keyed <= kept->last; i++)
        if (query->hashes[i].plain <= kept->sampled)
            asked += weight_of(index, query->hashes[i].keyed);
    if (query->sampled < kept->sampled)
        known *= (double)query->sampled / (double)kept->sampled;
    double weight = (double)index->weights[document];
    double contained = weight / (known > weight ? known : weight), containing = weight / asked;
    return contained > containing ? contained : containing;
}

struct match hashes_find(void *context, const struct tapped *words)
{
    struct index *index = context;
    static struct query query;
    read(index->method, words, &query);
    size_t n_met = 0;
    uint32_t best[BEST];
    unsigned n_best = 0;
    for (size_t i = 0; i < query.n; i++) {
        const struct posting *posting = slot_of(index->slots, index->n_slots, query.hashes[i].keyed);
        if (index->method->common && posting->n >= index->method->common)
            continue;
        double weight = weight_of(index, query.hashes[i].keyed);
        for (uint32_t k = 0; k < posting->n; k++) {
            if (index->counts[posting->documents[k]]++ == 0)
                index->met[n_met++] = posting->documents[k];
            index->weights[posting->documents[k]] += (float)weight;
        }
    }
    for (size_t i = 0; i < n_met; i++) {
        unsigned at = n_best < BEST ? n_best++ : BEST;
        for (; at && index->weights[best[at - 1]] < index->weights[index->met[i]]; at--)
            if (at < BEST)
                best[at] = best[at - 1];
        if (at < BEST)
            best[at] = index->met[i];
    }
    struct match match = {0};
    for (unsigned i = 0; i < n_best; i++) {
        double value = score(index, best[i], &query, index->counts[best[i]]);
        if (value > match.score)
            match = (struct match){value, best[i]};
    }
    for (size_t i = 0; i < n_met; i++)
        index->weights[index->met[i]] = index->counts[index->met[i]] = 0;
    return match;
}

/* Rows of 6 + 4 bytes, and the list with the document. */
double hashes_bytes(const void *context)
{
    const struct index *index = context;
    return (double)index->n_postings / index->n_documents * (6 + 4 + 6);
}

void hashes_end(void *context)
{
    struct index *index = context;
    for (size_t i = 0; i < index->n_slots; i++)
        free(index->slots[i].documents);
    for (uint32_t i = 0; i < index->n_documents; i++)
        free(index->kept[i].hashes);
    free(index->slots);
    free(index->kept);
    free(index->counts);
    free(index->weights);
    free(index->met);
    free(index);
}
