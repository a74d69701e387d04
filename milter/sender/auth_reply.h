/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_AUTH_REPLY_H
#define KHATM_SENDER_AUTH_REPLY_H

/* Reads what khatm-authenticator answered, believing nothing: it met a stranger's bytes and may be in his
 * hands. Numbers out of range, domains that are none, texts with control characters, a signature that counts
 * without both hashes: all of it is nonsense, and the message is try-later. What it cannot find out is a
 * helper that lies well; the sandbox is for that. Pure. */

#include "base/arena.h"
#include "helper/wire.h"
#include "sender/proofs.h"

/* RESULT_BAD_INPUT: nonsense. RESULT_TRY_LATER: no memory. */
enum result auth_reply_read(const struct wire_frame *frame, struct arena *arena,
                            const struct proofs **proofs_out) MUST_USE;

#endif
