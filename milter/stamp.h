/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_STAMP_H
#define KHATM_STAMP_H

/* What is done to the header section of mail from outside, whoever sends it, and to no other mail: fields
 * that only we may write are taken out (RFC 8601, 5), and our Authentication-Results goes on top when SPF and
 * DKIM were asked. Mail that claims no domain of the registry was not checked, and "none" (RFC 8601, 2.2)
 * would tell its reader no more than no field does: it stays as it came. */

#include "gather.h"
#include "pipeline.h"
#include "policy/verdict.h"

/* Adds to reply->edits, in the message's arena. *forged_out: fields taken out. RESULT_TRY_LATER: no memory.
 */
enum result stamp(struct message *message, const struct gathered *gathered, enum verdict verdict,
                  struct reply *reply, size_t *forged_out) MUST_USE;

#endif
