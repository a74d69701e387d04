/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_GATHER_GATHER_H
#define KHATM_GATHER_GATHER_H

/* The only inward translation between stages and policy: asks inspector, key cache and journal, and lays all
 * they say out as policy facts in the message's arena. No decision is taken here. What could not be learnt is
 * said so; what failed altogether is a failure, and no decision may be taken then. */

#include "inspect/inspector.h"
#include "journal/journal.h"
#include "message.h"
#include "policy/facts.h"
#include "seal/keys.h"
#include "sender/authenticator.h"
#include "ticket/ticket.h"

struct sealer;   /* seal/seal.h */
struct unsealed; /* gather/unseal.h */

struct stages {
    struct inspector *inspector;
    const struct keys *keys;             /* NULL: every key is KEY_UNKNOWN */
    struct journal *journal;             /* NULL: nothing is known */
    struct authenticator *authenticator; /* NULL: SPF and DKIM cannot be asked */
    struct sealer *unsealer;             /* NULL: nothing is opened */
};

struct gathered {
    struct policy_facts facts;
    const struct findings *findings; /* of what was opened, else as it came; NULL: not inspected */
    const struct ticket *ticket;     /* role egress; NULL: none that is good for this message */
    const struct proofs *proofs;     /* NULL: SPF and DKIM were not asked, or did not answer */
    const struct record_text *texts; /* of the facts' documents, one each; NULL: none */
    const struct unsealed *unsealed; /* NULL: nothing was opened */
};

/* RESULT_TRY_LATER with *problem: something of ours failed. *gathered_out still holds what the envelope alone
 * says (for the record of the attempt), unless there was no memory even for that: then NULL. */
enum result gather(struct message *message, const struct stages *stages, const struct gathered **gathered_out,
                   struct problem *problem) MUST_USE;
/* Of a message that nobody reads: for whom it was, for its record. NULL: no memory. */
const struct gathered *gather_unread(struct message *message);

#endif
