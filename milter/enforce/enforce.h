/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ENFORCE_ENFORCE_H
#define KHATM_ENFORCE_ENFORCE_H

/* The only outward translation: carries a verdict out. Sealing makes the new body in an unnamed file beside
 * the spool and the list of header edits; the message itself is touched only later, by the MTA side, when the
 * record is durable.
 *
 * The sealed form is PGP/MIME (RFC 3156) over the original Content-* fields and body, with header protection
 * (RFC 9788, hp="cipher", and protected-headers="v1" that today's clients read): every field but trace fields
 * and Bcc is inside; outside stay only fields that mail needs to travel, and a neutral Subject with the
 * reference. */

#include "gather/gather.h"
#include "judgement.h"
#include "pipeline.h"
#include "seal/seal.h"

/* Fills edits, body_fd and body_size of *reply and judgement->sealed_sha256. The caller closes
 * reply->body_fd. RESULT_TRY_LATER with *problem: nothing was sealed, nothing may leave. */
enum result enforce_seal(struct message *message, const struct gathered *gathered,
                         struct judgement *judgement, struct sealer *sealer, struct reply *reply,
                         struct problem *problem) MUST_USE;

/* What was opened goes on instead of what came: body_fd, body_offset and body_size of *reply; the header
 * fields are stamp's. RESULT_BUG: not everybody who would get it may. */
enum result enforce_unseal(struct message *message, const struct gathered *gathered,
                           struct judgement *judgement, struct reply *reply,
                           struct problem *problem) MUST_USE;

#endif
