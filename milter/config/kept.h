/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_KEPT_H
#define KHATM_CONFIG_KEPT_H

/* The last registry that was accepted, with its signature, in one file of the state directory: what a restart
 * falls back to, and the serial below which nothing is accepted. One file, replaced by renaming, so that
 * registry, signature and serial are always of one issue. Whoever may write the directory may roll the
 * registry back to an issue the authority once signed, not beyond: a kept issue is verified again before it
 * is used. Within config/ only. One thread. */

#include "base/digest.h"
#include "config/source.h"

#include <stdint.h>

struct kept {
    char authority[41];
    long long serial;
    uint8_t sha256[DIGEST_BYTES]; /* of the registry's bytes */
    struct source registry, signature;
};

/* Texts are in the arena. RESULT_NOT_FOUND: nothing was ever kept. RESULT_BAD_INPUT: damaged, *problem says
 * what to do. */
enum result kept_read(struct arena *arena, const char *directory, struct kept *kept_out,
                      struct problem *problem) MUST_USE;
/* There may be one, but this user may not read it. */
bool kept_is_closed(const char *directory);
/* Durable when it returns RESULT_OK; makes the directory when only its last part is missing. kept->sha256 is
 * not read. */
enum result kept_write(const char *directory, const struct kept *kept, struct problem *problem) MUST_USE;

#endif
