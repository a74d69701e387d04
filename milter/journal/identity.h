/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JOURNAL_IDENTITY_H
#define KHATM_JOURNAL_IDENTITY_H

/* Values that name a person: the commitment that the leaf shows, the sealed box that holds salt and value,
 * and the blind index by which a value is found again. Deleting the box's key leaves a leaf that still
 * verifies and says nothing. Does not defend against whoever holds the whole store with its keys: that is the
 * store's file mode. SHA-256, HMAC-SHA-256 (RFC 2104), AES-256-GCM (NIST SP 800-38D, random 96-bit nonce).
 * Thread-safe. */

#include "base/arena.h"
#include "base/digest.h"
#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

enum {
    IDENTITY_SALT_BYTES = 16,
    IDENTITY_KEY_BYTES = 32,
    IDENTITY_NONCE_BYTES = 12,
    IDENTITY_TAG_BYTES = 16,
    IDENTITY_BOX_EXTRA = IDENTITY_SALT_BYTES + IDENTITY_TAG_BYTES, /* box is so much longer than the value */
};

enum identity_kind {
    IDENTITY_PLAIN,  /* cannot be looked up */
    IDENTITY_PERSON, /* login or address */
    IDENTITY_MESSAGE_ID,
};

/* One value of a leaf. `field` is the JSON pointer (RFC 6901) of its member. */
struct identity {
    const char *field, *value;
    enum identity_kind kind;
    size_t person; /* whose key: index into the leaf's persons */
    uint8_t salt[IDENTITY_SALT_BYTES];
};

/* SHA-256(salt || field || 0x00 || value) */
enum result identity_commit(const struct identity *identity, uint8_t out[DIGEST_BYTES]) MUST_USE;

/* The form in which two spellings of a person or Message-ID are one. NULL: no memory. */
char *identity_normalise(struct arena *arena, enum identity_kind kind, const char *value) MUST_USE;
/* HMAC-SHA-256(secret, "person" or "message-id" || 0x00 || normalised) */
enum result identity_index(const uint8_t secret[DIGEST_BYTES], enum identity_kind kind,
                           const char *normalised, uint8_t out[DIGEST_BYTES]) MUST_USE;

/* box = AES-256-GCM(key, nonce, salt || value) || tag, bound to leaf hash and field. box_out is in the arena.
 */
enum result identity_seal(struct arena *arena, const uint8_t key[IDENTITY_KEY_BYTES],
                          const uint8_t leaf_hash[DIGEST_BYTES], const struct identity *identity,
                          uint8_t nonce_out[IDENTITY_NONCE_BYTES], uint8_t **box_out,
                          size_t *size_out) MUST_USE;
/* Fills salt and value (NUL-terminated, in the arena) of *identity, whose field is set.
 * RESULT_BAD_INPUT: not what was sealed. */
enum result identity_unseal(struct arena *arena, const uint8_t key[IDENTITY_KEY_BYTES],
                            const uint8_t leaf_hash[DIGEST_BYTES], const uint8_t nonce[IDENTITY_NONCE_BYTES],
                            const uint8_t *box, size_t size, struct identity *identity) MUST_USE;

#endif
