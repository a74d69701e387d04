/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JOURNAL_KEYED_SKETCH_H
#define KHATM_JOURNAL_KEYED_SKETCH_H

/* A sketch as the inspector makes it, under the store's key: what is stored and compared are keyed hashes,
 * and the smallest of those are what a document is remembered by. So nobody outside knows which words of a
 * text they are, and tables or copies without the key cannot be asked for a text. The key is here and not in
 * the inspector, which holds none. Pure; docs/journal-format.md specifies it. */

#include "base/digest.h"

enum {
    SKETCH_HASHES = 1024, /* of a sketch at most */
    SKETCH_HASH_SIZE = 6, /* big-endian; keyed or not */
    SKETCH_PLACES = 16,   /* the lowest bits of what the inspector says: in which sixteenth it stands */
};

struct keyed_sketch {
    size_t n;
    uint64_t
        sampled; /* the text has more shingles, whose plain hashes are all larger; 1 << 48: it has none */
    struct keyed_hash {
        uint64_t keyed, plain; /* plain: without its place */
        unsigned place;
    } hashes[SKETCH_HASHES]; /* ascending by keyed */
};

/* RESULT_BAD_INPUT: not a sketch. RESULT_TRY_LATER: OpenSSL fails. */
enum result keyed_sketch_read(const uint8_t secret[DIGEST_BYTES], const uint8_t *bytes, size_t size,
                              struct keyed_sketch *sketch_out) MUST_USE;
/* HMAC of a text's digest, so that a store does not tell its texts either. */
enum result keyed_text(const uint8_t secret[DIGEST_BYTES], const uint8_t text_sha256[DIGEST_BYTES],
                       uint8_t tag_out[DIGEST_BYTES]) MUST_USE;

uint64_t keyed_get(const uint8_t *bytes);
void keyed_put(uint64_t hash, uint8_t *bytes);

#endif
