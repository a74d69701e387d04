/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_KEY_FLAW_H
#define KHATM_SEALER_KEY_FLAW_H

/* Keys that gpg lists, encrypts to and verifies with although whoever knows the public key can do what only
 * its owner should: told by the numbers in the packet (RFC 4880 5.5.2, RFC 6637 9), which are compared, not
 * computed with. What gpg itself refuses is found where each key is tried. Says nothing of numbers that only
 * look sound: a modulus whose factors somebody knows, a secret that was guessed. */

#include "base/buffer.h"
#include "base/result.h"
#include "sealer/span.h"

/* enum seal_flaw of the body of a packet with a public key or subkey. */
unsigned key_flaw(struct span packet_body);

struct key_flaw {
    uint64_t key_id;
    unsigned flaw; /* enum seal_flaw */
};

/* Appends a struct key_flaw for each key and subkey in `keys` that has one. RESULT_TRY_LATER: no memory, or
 * the packets end too early, which gpg's do not. */
enum result key_flaws_find(struct span keys, struct buffer *flaws) MUST_USE;
/* enum seal_flaw; 0: none. */
unsigned key_flaws_of(const struct buffer *flaws, uint64_t key_id);

#endif
