/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_GPG_DECRYPT_H
#define KHATM_SEALER_GPG_DECRYPT_H

/* Decryption by gpg, and what it says of the signature within (RFC 4880, 11.3). Believed are gpg's own status
 * lines alone, which GPGME reads from a pipe of their own: no text for people, no user id, no file name in
 * the literal data, all of which a stranger may write. What comes out counts only when gpg said that it
 * decrypted to the end, that the integrity check held, and that there was one piece of plaintext. */

#include "sealer/gpg.h"

struct gpg_decryption {
    /* As gpg_encryption's. */
    ssize_t (*read)(void *context, void *bytes, size_t size);
    ssize_t (*write)(void *context, const void *bytes, size_t size);
    void *context;
};

struct gpg_decrypted {
    enum gpg_signed {
        GPG_SIGNED_NOT,
        GPG_SIGNED_WELL,  /* one good signature with SHA-256 or stronger: by `signer` */
        GPG_SIGNED_BADLY, /* why */
    } state;
    const char *why;
    bool unknown;    /* by a key that is not in the ring */
    bool has_length; /* of the plaintext, as its packet says it: what came out must be as long */
    uint64_t length;
    char signer[SEAL_FINGERPRINT_SIZE + 1]; /* of the primary key */
};

/* RESULT_BAD_INPUT: damaged, changed, or not protected against change; RESULT_NOT_FOUND: for none of our
 * secret keys; RESULT_TRY_LATER: gpg or its agent could not say. now: seconds since 1970. */
enum result gpg_decrypt(struct gpg *gpg, const struct gpg_decryption *decryption, int64_t now,
                        struct gpg_decrypted *decrypted_out, struct problem *problem) MUST_USE;

struct gpg_detached {
    const void *text, *signature;
    size_t text_size, signature_size;
};

/* The same of a detached signature that stands beside its text. RESULT_TRY_LATER: gpg could not say. */
enum result gpg_verify_detached(struct gpg *gpg, const struct gpg_detached *detached, int64_t now,
                                struct gpg_decrypted *verified_out, struct problem *problem) MUST_USE;

/* Key ids of all keys that can decrypt here; at most `room`. */
enum result gpg_secret_ids(struct gpg *gpg, uint64_t *ids, size_t room, size_t *n_out,
                           struct problem *problem) MUST_USE;

/* The primary key of one that can decrypt here and is fit to be encrypted to. RESULT_TRY_LATER: there is
 * none. */
enum result gpg_find_secret(struct gpg *gpg, char fingerprint[SEAL_FINGERPRINT_SIZE + 1],
                            struct problem *problem) MUST_USE;

#endif
