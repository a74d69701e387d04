/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_KEYS_H
#define KHATM_SEAL_KEYS_H

/* What is known of the keys that the registry pins: usable, for how long, and if not, why. A cache filled at
 * load and refreshed in the background; a look-up never starts gpg. Usable is only what gpg has encrypted to
 * when the cache was filled (seal/trial.h); what has not been tried is KEY_UNKNOWN. Answers hold for the
 * instant asked: expiry is judged against `now`. Thread-safe. */

#include "base/result.h"
#include "policy/facts.h"

#include <stddef.h>
#include <stdint.h>

struct keys;

enum {
    FINGERPRINT_HEX = 41, /* OpenPGP v4, upper case hexadecimal, NUL-terminated */
    KEY_WHY_ROOM = 112,
};

struct key_info {
    char fingerprint[FINGERPRINT_HEX];
    enum key_state state; /* at the instant asked */
    int64_t time;         /* KEY_EXPIRED, KEY_REVOKED: since when, seconds since 1970; 0 unknown */
    int64_t expires;      /* seconds since 1970; 0: never */
    char algorithm[24];   /* of the encryption subkey: "rsa3072", "cv25519" */
    char user_id[128];
    char why[KEY_WHY_ROOM];         /* KEY_BROKEN, KEY_WEAK: one phrase; else "" */
    uint64_t encryption_key_ids[4]; /* 64-bit ids of the subkey gpg encrypts to; unused: 0 */
};

/* RESULT_NOT_FOUND: not in the ring: state KEY_MISSING is filled in. RESULT_TRY_LATER: the cache was never
 * filled: state KEY_UNKNOWN. now: seconds since 1970. */
enum result keys_find(const struct keys *keys, const char *fingerprint, int64_t now,
                      struct key_info *info_out) MUST_USE;

/* The key of a person: for whose address, compared without regard to case, this certifier vouches. Of several
 * the newest that is usable, else the newest. Results as of keys_find. Whether the certifier's own key still
 * counts is the caller's to ask. */
enum result keys_find_person(const struct keys *keys, const char *certifier, const char *address, int64_t now,
                             struct key_info *info_out) MUST_USE;
/* Every address that somebody vouches for now, sorted. What visit gets lives until it returns. */
void keys_each_person(const struct keys *keys, int64_t now,
                      void (*visit)(void *context, const char *address, const char *certifier,
                                    const struct key_info *info),
                      void *context);

#endif
