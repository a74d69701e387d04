/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_SKETCH_H
#define KHATM_INSPECTOR_SKETCH_H

/* What is remembered of a text so that it is recognised when most of it comes back: the SKETCH_HASHES_MAX
 * smallest different hashes of its shingles (SHINGLE_WORDS words in a row), each with the sixteenth of the
 * text in which it stands first. Two texts that share shingles share the smallest of these, and whatever
 * stands before, behind or between changes nothing in it; that is why it is the smallest ones and not a sum
 * over all. docs/fingerprints.md has the figures behind the numbers. Constant memory, one pass. The hashes
 * have no key here: the journal gives them one. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SHINGLE_WORDS = 3,
    SKETCH_HASH_BYTES = 6, /* big-endian: the upper 44 bits of 64, then SKETCH_PLACE_BITS */
    SKETCH_PLACE_BITS = 4, /* the place: sixteenths of the text, from 0 */
    SKETCH_HASHES_MAX = 1024,
    SKETCH_HASHES_LEAST = 16, /* less is no text to recognise: a greeting, a page number */
    SKETCH_BYTES_MAX = SKETCH_HASHES_MAX * SKETCH_HASH_BYTES,
    SKETCH_KNOWN = 128,
};

struct sketch {
    uint64_t begun[SHINGLE_WORDS]; /* shingles of which the latest words are the first one, two, … */
    uint64_t n_words;
    uint64_t below; /* hashes from here on are not among the smallest */
    size_t n;
    /* By its last bits, a hash that was there already, plus one; 0: none. Text that repeats itself is not
     * sorted again and again. */
    uint64_t known[SKETCH_KNOWN];
    struct sketch_hash {
        uint64_t hash;
        uint64_t word; /* the shingle's last, counted from 1 */
    } hashes[SKETCH_HASHES_MAX * 2];
};

void sketch_begin(struct sketch *sketch);
void sketch_word(struct sketch *sketch, uint64_t hash);
/* Ascending, no hash twice. Returns how many bytes of SKETCH_BYTES_MAX were written; 0: too short a text. */
size_t sketch_finish(struct sketch *sketch, uint8_t *out);

#endif
