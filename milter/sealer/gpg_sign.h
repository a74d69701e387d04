/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_GPG_SIGN_H
#define KHATM_SEALER_GPG_SIGN_H

/* Signing by gpg (RFC 4880, 5.2). Which key signs is written in the gpg.conf of the ring; that it did, and no
 * other, is believed of gpg's status line SIG_CREATED alone. */

#include "sealer/gpg.h"

/* A key that may sign: the primary key or one of its subkeys. */
struct gpg_signer {
    char fingerprint[SEAL_FINGERPRINT_SIZE + 1]; /* of that very key */
    char grip[SEAL_FINGERPRINT_SIZE + 1];        /* gpg-agent's name for its secret half */
    int64_t created, expires; /* seconds since 1970; 0: never, that of the primary key included */
    bool rsa, curve;
    unsigned bits;
};

enum { GPG_SIGNERS_MAX = 32 };

struct gpg_signers {
    bool revoked, invalid; /* the key as a whole */
    int64_t ended;         /* the latest day on which one of them expired; 0: none */
    struct gpg_signer usable[GPG_SIGNERS_MAX];
    size_t n;
};

/* Of the key with this primary fingerprint in the home: what may sign now. RESULT_NOT_FOUND: there is no such
 * key. RESULT_TRY_LATER: gpg could not say. */
enum result gpg_list_signers(struct gpg *gpg, const char *fingerprint, struct gpg_signers *signers_out,
                             struct problem *problem) MUST_USE;

/* Of the operation that has just ended: exactly one signature, with SHA-256 or stronger, by this very key. */
enum result gpg_check_signed(const struct gpg *gpg, const char *fingerprint,
                             struct problem *problem) MUST_USE;

/* Signs a few bytes and verifies that. RESULT_BAD_INPUT: it is another key's signature. RESULT_TRY_LATER:
 * there is none. */
enum result gpg_try_signer(struct gpg *gpg, const char *fingerprint, struct problem *problem) MUST_USE;

#endif
