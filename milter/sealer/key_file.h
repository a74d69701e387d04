/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_KEY_FILE_H
#define KHATM_SEALER_KEY_FILE_H

/* What a file must be to be looked at as a key: one public key (RFC 4880, 11.1), binary or armoured, nothing
 * around it, and nothing secret in it. Read before gpg sees a byte, so that gpg is never given a secret key
 * by mistake, nor two keys of which we judge one. Which key it is and whether it may be trusted, others say.
 */

#include "base/buffer.h"
#include "base/result.h"
#include "sealer/span.h"

/* Appends the key, binary. RESULT_BAD_INPUT: *problem is one phrase. RESULT_TRY_LATER: no memory. */
enum result key_file_read(struct span file, struct buffer *key, struct problem *problem) MUST_USE;

#endif
