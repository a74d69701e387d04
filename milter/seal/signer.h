/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_SIGNER_H
#define KHATM_SEAL_SIGNER_H

/* The key of this gateway that signs what a working ring seals, as khatm-sealer found it. When it cannot
 * sign, the ring knows why, and nothing is sealed: what was to be signed never leaves unsigned. Plain data.
 */

#include "base/result.h"
#include "seal/keys.h"
#include "seal/protocol.h"

#include <stdbool.h>
#include <stdint.h>

struct signer {
    bool wanted;                       /* the configuration names one */
    char home[1025];                   /* for the words of a problem */
    char fingerprint[FINGERPRINT_HEX]; /* of the very key, or subkey, that signs; "": it cannot */
    int64_t expires;                   /* seconds since 1970, or when it did; 0: never */
    enum seal_fault fault;             /* with a trouble: which, as far as the sealer could say */
    struct problem trouble;            /* why it cannot */
};

/* RESULT_NOT_FOUND: none is wanted. RESULT_TRY_LATER: it cannot sign at this instant, *problem says why. */
enum result signer_check(const struct signer *signer, int64_t now, struct problem *problem) MUST_USE;

#endif
