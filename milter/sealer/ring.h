/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_RING_H
#define KHATM_SEALER_RING_H

/* The working ring: a home directory of gpg that we make ourselves, with the wanted public keys, no secret
 * key, and the options that speed and safety need; read-only once made. The admin's own home directory is
 * only read. */

#include "sealer/gpg_keys.h"

struct ring_wanted {
    const char (*fingerprints)[SEAL_FINGERPRINT_SIZE + 1];
    size_t n_fingerprints;
    struct gpg_certifiers certifiers; /* all keys for whose addresses one of these vouches are wanted, too */
};

/* directory: exists, private, empty or made by an earlier call. source: the admin's home directory.
 * RESULT_TRY_LATER with *problem: the directory is useless, throw it away. */
enum result ring_build(const char *program, const char *directory, const char *source,
                       const struct ring_wanted *wanted, size_t *n_out, struct problem *problem) MUST_USE;

/* The same, to open with: the keys of the home `secrets` beside the wanted ones of `source`. Secret halves
 * stay where they are, and gpg-agent, which gpg starts, reads them there; it ends with the directory. Their
 * use is tried once. directory: empty, private. */
enum result ring_build_to_open(const char *program, const char *directory, const char *source,
                               const struct ring_wanted *wanted, const char *secrets,
                               struct problem *problem) MUST_USE;

/* Makes `directory`, empty and private, a home for keys that are looked at, with the certifiers from `source`
 * and what they certified: the word once given for a key holds for its prolonged copy. */
enum result ring_for_keys(const char *program, const char *directory, const char *source,
                          const struct gpg_certifiers *certifiers, struct problem *problem) MUST_USE;

/* For those who add to a ring: a file of it, mode 0600; options of its agent, which asks nobody anything;
 * keys of another home, by way of a copy. */
extern const char RING_AGENT_OPTIONS[];
enum result ring_write(const char *directory, const char *name, const void *bytes, size_t size,
                       struct problem *problem) MUST_USE;
enum result ring_take(const char *program, const char *directory, const char *source,
                      const struct ring_wanted *wanted, size_t *n_out, struct problem *problem) MUST_USE;

/* Makes `directory`, empty and private, a home in which only this primary key counts. */
enum result ring_for_check(const char *directory, const char *fingerprint, struct problem *problem) MUST_USE;

#endif
