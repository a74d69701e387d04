/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_CHECK_H
#define KHATM_SEAL_CHECK_H

/* Is this file signed by the key that is pinned? Asked of a khatm-sealer of its own, in a throw-away home,
 * since no other program runs gpg; it must be one signature, detached, valid now, by that primary key or its
 * valid signing subkey, with SHA-256 or stronger. Bytes are handed over in memory: what is verified is what
 * the caller holds. Nothing is remembered from one check to the next; what is older than before is the
 * caller's business. Thread-safe. */

#include "config/config.h"

struct seal_claim {
    const char *data, *signature, *key;
    size_t data_size, signature_size, key_size;
    const char *fingerprint; /* 40 upper-case hexadecimal digits */
};

struct seal_checked {
    bool about_key;           /* with RESULT_BAD_INPUT: what does not do is the key */
    int64_t created, expires; /* of the signature, seconds since 1970; 0: never */
    int64_t key_expires;      /* 0: never */
};

/* work_directory: exists or can be made, private to this user. RESULT_BAD_INPUT: it is not, and *problem is
 * what to put behind the name of the signature or the key. RESULT_TRY_LATER: nobody could say. */
enum result seal_check(const struct sealing_settings *settings, const char *work_directory,
                       const struct seal_claim *claim, struct seal_checked *checked_out,
                       struct problem *problem) MUST_USE;

/* The same as a config_trust's `verify`. */
enum result seal_verify_registry(const struct config_trust *trust, const struct config *config,
                                 const struct registry_claim *claim, struct signature_times *times_out,
                                 struct problem *problem) MUST_USE;

#endif
