/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ENFORCE_VOUCH_H
#define KHATM_ENFORCE_VOUCH_H

/* DKIM signatures over what leaves. Ours to sign is what somebody of ours wrote under his own name: staff
 * with a login or a service where the message is decided for good, and at egress what has a ticket of theirs
 * that is good for it; From must be an address of that login or service, in a domain that has a key. What
 * passes through is never signed, whatever its From says. */

#include "dkimsign/dkimsign.h"
#include "judgement.h"
#include "pipeline.h"

/* Adds the fields to the reply's edits, on top of all others; the last that is done to it. Nothing to sign is
 * RESULT_OK, too. RESULT_NOT_FOUND with *problem, one phrase: it can never be signed.
 * RESULT_TRY_LATER or RESULT_BUG with *problem: it must not leave. */
enum result vouch(struct message *message, const struct gathered *gathered, const struct judgement *judgement,
                  struct dkimsign *dkimsign, struct reply *reply, struct problem *problem) MUST_USE;

/* Will what this sender sends be signed when it leaves without a seal? Then egress must know whose it is. */
bool vouch_wants_ticket(const struct config *config, const struct policy_facts *facts);

#endif
