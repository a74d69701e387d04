/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_KEY_JUDGE_H
#define KHATM_SEAL_KEY_JUDGE_H

/* One key of a key table as gpg lists it, and what it is good for at an instant, by that alone: pure. Whether
 * gpg can encrypt to it is another question (seal/trial.h). */

#include "seal/keys.h"
#include "seal/protocol.h"

struct key_subkey {
    uint64_t key_id;
    int64_t created, expires;
    unsigned flags, bits, flaw; /* enum seal_key_flag, seal_flaw */
    char algorithm[SEAL_ALGORITHM_MAX + 1];
};

struct key_person {
    char address[SEAL_ADDRESS_MAX + 1]; /* lower case */
    char certifier[FINGERPRINT_HEX];
    int64_t until; /* 0: without end */
};

struct key_entry {
    char fingerprint[FINGERPRINT_HEX];
    char user_id[SEAL_USER_ID_MAX + 1];
    unsigned flags;
    int64_t expires, revoked;
    size_t n_subkeys; /* the primary key is the first */
    struct key_subkey *subkeys;
    size_t n_persons;
    struct key_person *persons;
    uint64_t tried; /* key id of the subkey that was encrypted to; 0: none */
    char *why;      /* it could not be; NULL: it could */
};

/* 0 is never. */
bool key_is_past(int64_t expires, int64_t now);

/* Fills in what depends on it: time, expires, algorithm, why, the id of the subkey that is encrypted to. */
enum key_state key_judge(const struct key_entry *entry, unsigned rsa_min_bits, int64_t now,
                         struct key_info *info);

#endif
