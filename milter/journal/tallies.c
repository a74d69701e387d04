/* SPDX-License-Identifier: Apache-2.0 */

/* Candidates of a look-up: which documents share hashes with a text, the rarer the better. */

#include "journal/resemblance.h"

#include <stdlib.h>

struct tally {
    int64_t document; /* 0: free */
    unsigned agree;
    double weight;
};

struct tallies {
    size_t n, n_slots; /* a power of two */
    struct tally *slots;
};

enum { SLOTS_FIRST = 256, AGREE_LEAST = 2 };

struct tallies *tallies_new(void)
{
    struct tallies *tallies = calloc(1, sizeof *tallies);
    if (!tallies)
        return NULL;
    tallies->n_slots = SLOTS_FIRST;
    tallies->slots = calloc(SLOTS_FIRST, sizeof *tallies->slots);
    if (!tallies->slots) {
        free(tallies);
        return NULL;
    }
    return tallies;
}

void tallies_free(struct tallies *tallies)
{
    if (!tallies)
        return;
    free(tallies->slots);
    free(tallies);
}

static struct tally *slot_of(struct tally *slots, size_t n_slots, int64_t document)
{
    size_t at = (size_t)((uint64_t)document * 0x9e3779b97f4a7c15U >> 32) & (n_slots - 1);
    while (slots[at].document && slots[at].document != document)
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

static bool grow(struct tallies *tallies)
{
    size_t n_slots = tallies->n_slots * 2;
    struct tally *slots = calloc(n_slots, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < tallies->n_slots; i++)
        if (tallies->slots[i].document)
            *slot_of(slots, n_slots, tallies->slots[i].document) = tallies->slots[i];
    free(tallies->slots);
    tallies->slots = slots;
    tallies->n_slots = n_slots;
    return true;
}

bool tallies_add(struct tallies *tallies, const int64_t *documents, unsigned n)
{
    for (unsigned k = 0; k < n; k++) {
        if (tallies->n * 2 >= tallies->n_slots && !grow(tallies))
            return false;
        struct tally *tally = slot_of(tallies->slots, tallies->n_slots, documents[k]);
        tallies->n += !tally->document;
        tally->document = documents[k];
        tally->agree++;
        tally->weight += 1.0 / n;
    }
    return true;
}

size_t tallies_best(const struct tallies *tallies, int64_t documents[RESEMBLANCE_BEST])
{
    const struct tally *best[RESEMBLANCE_BEST];
    size_t n = 0;
    for (size_t i = 0; i < tallies->n_slots; i++) {
        const struct tally *tally = &tallies->slots[i];
        if (tally->agree < AGREE_LEAST)
            continue;
        size_t at = n < RESEMBLANCE_BEST ? n++ : RESEMBLANCE_BEST;
        for (; at && best[at - 1]->weight < tally->weight; at--)
            if (at < RESEMBLANCE_BEST)
                best[at] = best[at - 1];
        if (at < RESEMBLANCE_BEST)
            best[at] = tally;
    }
    for (size_t i = 0; i < n; i++)
        documents[i] = best[i]->document;
    return n;
}
