/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ENFORCE_STAMP_H
#define KHATM_ENFORCE_STAMP_H

/* What is done to the header section of mail that keeps its body. Fields that only we may write are taken
 * out, whoever sends it (RFC 8601, 5; tickets that have served). Mail from outside gets our
 * Authentication-Results on top when SPF and DKIM were asked; mail that claims no domain of the registry was
 * not checked, and "none" (RFC 8601, 2.2) would tell its reader no more than no field does. Documents of our
 * own people that egress will decide about get their ticket. */

#include "gather/gather.h"
#include "judgement.h"
#include "pipeline.h"
#include "policy/verdict.h"

/* Adds to reply->edits, in the message's arena. *forged_out: fields of others that were taken out.
 * RESULT_TRY_LATER: no memory, or no ticket could be made. */
enum result stamp(struct message *message, const struct gathered *gathered, const struct judgement *judgement,
                  struct reply *reply, size_t *forged_out) MUST_USE;

#endif
