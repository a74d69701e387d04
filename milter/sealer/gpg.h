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

#endif
