/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_KEYS_TAKE_H
#define KHATM_ADMIN_KEYS_TAKE_H

/* Taking a key in, whoever brought it: the one place that judges whose it is and whether it may. Only what
 * the registry pins, what a domain that may certified, and what the home holds already; merging takes nothing
 * back that the home knows. One thread. */

#include "admin/keys.h"
#include "base/buffer.h"
#include "seal/protocol.h"

/* What somebody was asked for, whose answer it is. */
struct keys_asked {
    const struct registry_entry *entry; /* which he speaks for */
    const char *address;
    const char *fingerprint; /* of the key that the home has for it; "": of none */
};

struct keys_taken {
    char fingerprint[FINGERPRINT_HEX];
    const struct registry_entry *entry; /* whose it is; NULL: nobody's that vouches for it now */
    char address[SEAL_ADDRESS_MAX + 1]; /* of the person; empty: the domain's own */
    bool changed;                       /* the home knows more than before; only told of an answer */
};

/* From now on this process may write the home that sealing.homedir names, which is there. */
enum result keys_ready_home(struct keys_world *world, struct problem *problem) MUST_USE;
/* asked: NULL: it is a file, and may be anybody's. RESULT_BAD_INPUT: it is not taken in, *problem is a
 * phrase; nothing changed. */
enum result keys_take(struct keys_world *world, const struct buffer *key, const struct keys_asked *asked,
                      struct keys_taken *taken_out, struct problem *problem) MUST_USE;
/* Prints how it stands now that it is in: what the home knew of it before counts, too. Returns the exit code.
 * Looks at all keys anew. */
int keys_taken_say(struct keys_world *world, const struct keys_taken *taken);

#endif
