/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FINGERPRINT_METHODS_H
#define TESTS_FINGERPRINT_METHODS_H

/* Ways of remembering a text and of finding it again, each with an index in memory. */

#include "tap.h"

#include <stdbool.h>

struct match {
    double score;      /* 0 to 1 */
    uint32_t document; /* meaningful when score > 0 */
};

struct method {
    const char *name;
    unsigned words;   /* of a shingle */
    unsigned minimum; /* hashes that must agree */
    unsigned kept;    /* hashes a document, at least; winnowing: the window */
    unsigned common;  /* documents from which on a hash says nothing; 0: all hashes count alike */
    bool weighted;    /* a hash says less the more documents have it */
    double threshold; /* 0: the lowest at which at most one unseen text is taken for a known one */
    void *(*make)(const struct method *method, uint32_t documents);
    void (*add)(void *index, uint32_t document, const struct tapped *words);
    struct match (*find)(void *index, const struct tapped *words);
    double (*bytes)(const void *index); /* a document, as a table would hold it */
    void (*end)(void *index);
};

extern const struct method methods[];
extern const unsigned n_methods;

/* methods_hashes.c: winnowing and the smallest hashes. */
void *hashes_make(const struct method *method, uint32_t documents);
void hashes_add(void *index, uint32_t document, const struct tapped *words);
struct match hashes_find(void *index, const struct tapped *words);
double hashes_bytes(const void *index);
void hashes_end(void *index);

uint64_t method_mix(uint64_t x);
/* Different shingles' hashes, 48 bits, ascending. Returns how many. */
size_t method_shingles(const struct tapped *words, unsigned length, uint64_t *hashes);

#endif
