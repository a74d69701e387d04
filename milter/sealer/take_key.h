/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_TAKE_KEY_H
#define KHATM_SEALER_TAKE_KEY_H

/* A public key from a file into the home of the administrator, in two steps, between which somebody decides:
 * it is read into a ring of its own, where gpg checks its self-signatures and it can be listed, then merged
 * from there into the home. Merging is gpg's: what the home knows of that key, a revocation above all, is
 * never lost. */

#include "sealer/gpg_keys.h"

/* ring: empty, private; afterwards a home of gpg that holds that key, and the certifiers as `source` has
 * them. RESULT_BAD_INPUT: it is not one public key, and *problem is a phrase that says so. */
enum result take_key_read(const char *program, const char *ring, const char *source,
                          const struct gpg_certifiers *certifiers, int file_fd,
                          char fingerprint_out[SEAL_FINGERPRINT_SIZE + 1], struct problem *problem) MUST_USE;

/* home: exists; whoever runs this may write it. */
enum result take_key_merge(const char *program, const char *ring, const char *home, const char *fingerprint,
                           struct problem *problem) MUST_USE;

#endif
