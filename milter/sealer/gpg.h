/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_GPG_H
#define KHATM_SEALER_GPG_H

/* gpg through GPGME: a `struct gpg` is one context on one home directory, reused for every operation.
 * Whatever is at the program's path at that moment is run. GPGME's return value is one condition among
 * several: an operation counts only when gpg's own status line says that it came to its end. No timeouts
 * here: the process has its own timer. Keys are named by full fingerprint, never by address, so nothing is
 * looked up and no context state can go stale. Not thread-safe; the sealer has one thread. */

#include "base/buffer.h"
#include "base/result.h"
#include "seal/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct gpg;

/* Once, before the first gpg_open. RESULT_BUG: the library is older than what this was built for. */
enum result gpg_start(struct problem *problem) MUST_USE;

/* RESULT_TRY_LATER: there is no gpg 2.2 or later at `program`, which is borrowed. */
enum result gpg_open(const char *program, const char *homedir, struct gpg **gpg_out,
                     struct problem *problem) MUST_USE;
void gpg_close(struct gpg *gpg);

struct gpg_encryption {
    const char (*fingerprints)[SEAL_FINGERPRINT_SIZE + 1];
    size_t n_fingerprints;
    const char *signer; /* the very key that signs, too; NULL: nobody. For a ring made by sealer/signer.h */
    /* As read(2) and write(2): -1 with errno stops gpg; once failed, they keep failing. */
    ssize_t (*read)(void *context, void *bytes, size_t size);
    ssize_t (*write)(void *context, const void *bytes, size_t size);
    void *context;
};

/* One gpg process for all recipients. RESULT_OK: gpg said END_ENCRYPTION, and of a signer that he signed
 * once; the caller still checks every byte. RESULT_TRY_LATER with *problem otherwise. */
enum result gpg_encrypt(struct gpg *gpg, const struct gpg_encryption *encryption,
                        struct problem *problem) MUST_USE;

/* The last gpg_encrypt failed because of one of the keys, by what gpg says itself. */
bool gpg_refused_key(const struct gpg *gpg);

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
