/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_KEY_TRIM_H
#define KHATM_SEALER_KEY_TRIM_H

/* What of a public key is handed out for one address (draft-koch-openpgp-webkey-service, 5): other user ids
 * of its owner are left out, and so is what strangers signed. The key is one that gpg gave out, binary; what
 * was revoked is kept, with the word that revokes it. */

#include "base/buffer.h"
#include "seal/protocol.h"
#include "sealer/span.h"

#include <stdbool.h>

struct key_trim {
    const char *address;
    /* The key itself and whoever else's signatures on the user id are kept. */
    const char (*signers)[SEAL_FINGERPRINT_SIZE + 1];
    size_t n_signers;
};

/* Appends what is left. RESULT_NOT_FOUND: no user id has that address, compared without regard to case.
 * RESULT_BAD_INPUT: it is not a key. */
enum result key_trim(struct span key, const struct key_trim *trim, struct buffer *out) MUST_USE;

/* The address of every user id that has one, in order, SEAL_PERSONS_MAX of them at most. */
void key_each_address(struct span key, void (*visit)(void *context, const char *address), void *context);

#endif
