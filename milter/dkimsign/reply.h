/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DKIMSIGN_REPLY_H
#define KHATM_DKIMSIGN_REPLY_H

/* What khatm-dkim-signer says, believed as far as it looks right: a field that is put into mail has the form
 * of one, and is by the domain that was asked for. Pure. Within dkimsign/ only. */

#include "base/arena.h"
#include "dkimsign/dkimsign.h"
#include "helper/wire.h"

/* DKIMSIGN_READY: its keys, which must be those of the settings, in their order. RESULT_TRY_LATER with
 * *problem: it cannot start. RESULT_BAD_INPUT: nonsense. */
enum result dkimsign_read_ready(const struct wire_frame *frame, const struct dkim_settings *settings,
                                struct arena *arena, struct dkimsign_key *keys_out,
                                struct problem *problem) MUST_USE;
/* DKIMSIGN_REPLY with `n_wanted` signatures by the domain. RESULT_TRY_LATER with *problem: it made none.
 * RESULT_BAD_INPUT: nonsense. */
enum result dkimsign_read_reply(const struct wire_frame *frame, const char *domain, size_t n_wanted,
                                struct arena *arena, const char *const **values_out,
                                struct problem *problem) MUST_USE;

#endif
