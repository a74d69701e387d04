/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_SIGNER_H
#define KHATM_SEALER_SIGNER_H

/* The key of the gateway that signs what is sealed. It comes from a home of its own, of which the working
 * ring gets the public key and, by a link, the secret half of the one key, or subkey, that signs: gpg-agent,
 * which gpg starts for the ring, can use no other. It ends with the directory of the ring. */

#include "sealer/gpg.h"

struct signer {
    char fingerprint[SEAL_FINGERPRINT_SIZE + 1]; /* of the very key that signs */
    int64_t expires;       /* it, or the primary key, or when it did: seconds since 1970; 0: never */
    enum seal_fault fault; /* why it cannot sign */
};

/* Lets a ring made by ring_build sign, too, and tries it. home: the administrator's, only read. fingerprint:
 * of the primary key. RESULT_BAD_INPUT: it cannot sign, *problem says what to do and the fault what is wrong;
 * RESULT_TRY_LATER: nobody could say. Then nothing may be sealed in this ring. */
enum result signer_add(const char *program, const char *directory, const char *home, const char *fingerprint,
                       struct signer *signer_out, struct problem *problem) MUST_USE;

#endif
