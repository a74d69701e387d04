/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_EXCHANGE_H
#define KHATM_SEAL_EXCHANGE_H

/* What every request to a khatm-sealer has in common: its frame, its descriptors and the wait for the answer.
 * All failures are RESULT_TRY_LATER with *problem. One thread per process at a time. */

#include "helper/process.h"
#include "helper/wire.h"
#include "seal/keys.h"
#include "seal/protocol.h"

enum result exchange_nonsense(struct problem *problem);
/* A file in memory that holds `bytes`, for what does not fit a frame. */
enum result exchange_file(const void *bytes, size_t size, int *fd_out, struct problem *problem) MUST_USE;
/* A file of fingerprints, a line each. n: how many of FINGERPRINT_HEX bytes. */
enum result exchange_names(const char (*names)[FINGERPRINT_HEX], size_t n, int *fd_out,
                           struct problem *problem) MUST_USE;
void exchange_begin(struct wire_frame *frame, enum seal_frame type, int64_t deadline_ms);
enum result exchange_send(struct helper_process *process, const struct wire_frame *frame, int64_t deadline_ms,
                          struct problem *problem) MUST_USE;
enum result exchange_receive(struct helper_process *process, struct wire_frame *frame, int64_t deadline_ms,
                             struct problem *problem) MUST_USE;

#endif
