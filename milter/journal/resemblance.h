/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JOURNAL_RESEMBLANCE_H
#define KHATM_JOURNAL_RESEMBLANCE_H

/* Is a text a remembered document that was edited, or another letter on the same stationery? Both have most
 * words in common. Edits lie scattered over the whole; another letter agrees in its formulas and has
 * something else of its own in between. So what is asked of the text is some of each part of the document,
 * and much of the whole. And the document must be recognised by what few others have: a hash that
 * RESEMBLANCE_COMMON documents have says nothing. In a young journal nothing is common yet, so the first test
 * must hold alone. docs/fingerprints.md has the figures. Pure; one look-up at a time in a `struct tallies`.
 */

#include "journal/keyed_sketch.h"

#include <stdbool.h>

enum {
    RESEMBLANCE_COMMON = 16, /* documents */
    RESEMBLANCE_LEAST = 48,  /* shingles; a shorter document is recognised word for word only */
    RESEMBLANCE_BEST = 8,    /* candidates that are looked at closely */
    RESEMBLANCE_ROUNDS = 2,  /* of asking for candidates: a few first, then what a long text needs */
    REMEMBERED_MOST = 256,   /* hashes a document */
    REMEMBERED_RARE = 16,    /* of them in the index */
    REMEMBERED_SHARED = 4,   /* of these, that others have, too */
    REMEMBERED_PROBES = 64,  /* hashes tried to find them */
    REMEMBERED_BYTES = 2 * SKETCH_PLACES + 4 * REMEMBERED_MOST,
};

/* As it is stored. */
struct remembered {
    uint64_t sampled; /* of its keyed_sketch */
    size_t n, n_rare;
    uint16_t counts[SKETCH_PLACES];   /* of `hashes`, which stand place after place */
    uint32_t hashes[REMEMBERED_MOST]; /* the upper 32 bits of its smallest keyed hashes */
    uint64_t rare[REMEMBERED_RARE];   /* keyed hashes that few documents had, and the index has; ascending */
};

struct likeness {
    unsigned share; /* percent of the document's hashes that the text has */
    bool whole;     /* enough of each part of it, and of all */
    bool same;      /* and the text hardly has anything else */
};

/* All but `rare`. */
void remember(const struct keyed_sketch *sketch, struct remembered *remembered_out);

/* As docs/journal-format.md says; all integers big-endian. Returns the size of hashes_out; of `rare` it is
 * n_rare * SKETCH_HASH_SIZE. */
size_t remembered_write(const struct remembered *remembered, uint8_t hashes_out[REMEMBERED_BYTES],
                        uint8_t rare_out[REMEMBERED_RARE * SKETCH_HASH_SIZE]);
/* All but `sampled`. RESULT_BAD_INPUT: damaged. */
enum result remembered_read(const uint8_t *hashes, size_t size, const uint8_t *rare, size_t rare_size,
                            struct remembered *remembered_out) MUST_USE;

/* How many of a text's smallest keyed hashes the index is asked for, up to and with this round. */
size_t resemblance_probes(const struct keyed_sketch *sketch, unsigned round);

struct tallies;
/* NULL: no memory. */
struct tallies *tallies_new(void);
void tallies_free(struct tallies *tallies);
/* These documents have one hash of the text's; n below RESEMBLANCE_COMMON. False: no memory. */
bool tallies_add(struct tallies *tallies, const int64_t *documents, unsigned n) MUST_USE;
/* Those with the most in common, best first. */
size_t tallies_best(const struct tallies *tallies, int64_t documents[RESEMBLANCE_BEST]);

void resemblance_compare(const struct keyed_sketch *sketch, const struct remembered *remembered,
                         struct likeness *likeness_out);
/* Is the document recognised by its rare hashes? still_rare: which of them few have today. */
bool resemblance_by_rare(const struct keyed_sketch *sketch, const struct remembered *remembered,
                         const bool still_rare[REMEMBERED_RARE]);

#endif
