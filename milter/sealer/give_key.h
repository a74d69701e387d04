/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_GIVE_KEY_H
#define KHATM_SEALER_GIVE_KEY_H

/* A public key out of a ring, as a file that can be handed out. */

#include "sealer/gpg.h"

struct give_key {
    /* The key; behind it those whose signatures are kept where only one address is wanted. */
    const char (*fingerprints)[SEAL_FINGERPRINT_SIZE + 1];
    size_t n_fingerprints;
    const char *address; /* empty: the whole key */
    bool armoured;       /* the whole key only */
};

/* Writes it to the file. *key: initialised by the caller; holds what was written. RESULT_NOT_FOUND: there is
 * no such key, or no user id of it has the address. */
enum result give_key_write(struct gpg *gpg, const struct give_key *wanted, int file_fd, struct buffer *key,
                           struct problem *problem) MUST_USE;

#endif
