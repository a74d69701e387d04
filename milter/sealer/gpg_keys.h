/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_GPG_KEYS_H
#define KHATM_SEALER_GPG_KEYS_H

/* Keys of a home directory: taken out, taken in, and told one by one with what somebody vouches for in them.
 * What gpg leaves out or refuses is counted; an answer that it broke off is no answer. As sealer/gpg.h. */

#include "sealer/gpg.h"

/* Of what gpg_export appends from now on; a context begins without. */
void gpg_use_armour(struct gpg *gpg, bool armoured);
/* Appends the keys, binary, and counts them; unknown ones are left out. */
enum result gpg_export(struct gpg *gpg, const char (*fingerprints)[SEAL_FINGERPRINT_SIZE + 1],
                       size_t n_fingerprints, struct buffer *keys, size_t *n_out,
                       struct problem *problem) MUST_USE;
/* All keys of the home directory, binary. */
enum result gpg_export_all(struct gpg *gpg, struct buffer *keys, struct problem *problem) MUST_USE;
/* n_seen_out: keys gpg read; n_out: keys it took in. */
enum result gpg_import(struct gpg *gpg, const struct buffer *keys, size_t *n_seen_out, size_t *n_out,
                       struct problem *problem) MUST_USE;

/* The one key that gpg_import has just seen and that is in the ring now. False: there were none or several.
 */
bool gpg_imported(struct gpg *gpg, char fingerprint_out[SEAL_FINGERPRINT_SIZE + 1]);

struct gpg_subkey {
    uint64_t key_id;
    int64_t created, expires;
    unsigned flags, bits; /* enum seal_key_flag */
    char algorithm[SEAL_ALGORITHM_MAX + 1];
};

/* An address of a key that somebody vouches for (RFC 4880, 5.2.1: 0x10 to 0x13). */
struct gpg_person {
    char address[SEAL_ADDRESS_MAX + 1], certifier[SEAL_FINGERPRINT_SIZE + 1];
    int64_t until; /* 0: without end */
};

struct gpg_key {
    char fingerprint[SEAL_FINGERPRINT_SIZE + 1];
    char user_id[SEAL_USER_ID_MAX + 1];
    unsigned flags;
    int64_t created, expires;
    struct gpg_subkey subkeys[SEAL_SUBKEYS_MAX]; /* the primary key first */
    size_t n_subkeys;
    struct gpg_person persons[SEAL_PERSONS_MAX];
    size_t n_persons;
};

/* Whose certifications count: primary keys, which are in the same home. */
struct gpg_certifiers {
    const char (*fingerprints)[SEAL_FINGERPRINT_SIZE + 1];
    size_t n;
};

/* Every key of the home directory. The key lives until visit returns; a result other than RESULT_OK stops.
 * certifiers: gpg verifies what they signed, which takes longer; NULL: nobody's signatures are looked at. */
enum result gpg_list(struct gpg *gpg, const struct gpg_certifiers *certifiers,
                     enum result (*visit)(const struct gpg_key *key, void *context), void *context,
                     struct problem *problem) MUST_USE;

#endif
