/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_GPG_VERIFY_H
#define KHATM_SEALER_GPG_VERIFY_H

/* A detached signature (RFC 4880, 5.2, 11.4) by one pinned key, over a whole file. Believed is only what
 * GPGME says of exactly one signature, never a line of text: user ids, file names and notations, which a
 * stranger may write, are not looked at. The key named must be the signer's primary key; one of its subkeys
 * may have signed. For a home made by ring_for_check. RESULT_BAD_INPUT: the key or the signature does not do,
 * *problem is what to put behind a file's name; RESULT_TRY_LATER: gpg could not say. */

#include "sealer/gpg.h"

struct gpg_claim {
    const struct buffer *data, *signature, *key; /* key: this one and nothing else, no secret key above all */
    const char *fingerprint;                     /* of the primary key */
    int64_t now;                                 /* seconds since 1970 */
};

struct gpg_verified {
    bool about_key;           /* what does not do is the key, not the signature */
    int64_t created, expires; /* of the signature, seconds since 1970; expires 0: never */
    int64_t key_expires;      /* of the primary key or the subkey that signed, whichever is first; 0: never */
};

enum result gpg_verify(struct gpg *gpg, const struct gpg_claim *claim, struct gpg_verified *verified_out,
                       struct problem *problem) MUST_USE;

#endif
