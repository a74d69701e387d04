/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_GATHER_H
#define KHATM_GATHER_H

/* The only inward translation between stages and policy: asks inspector, key cache and journal, and lays all they
 * say out as policy facts in the message's arena. No decision is taken here. */

#include "policy/facts.h"
#include "inspect/inspector.h"
#include "journal/journal.h"
#include "message.h"
#include "seal/keys.h"

struct stages {
    struct inspector *inspector;
    const struct keys *keys;  /* NULL: every key is KEY_UNKNOWN */
    struct journal *journal;  /* NULL: nothing is known */
};

struct gathered {
    struct policy_facts facts;
    const struct findings *findings;
};

/* RESULT_TRY_LATER with *problem: something of ours failed; no decision may be taken from it. */
enum result gather(struct message *message, const struct stages *stages, struct gathered **gathered_out,
                   struct problem *problem) MUST_USE;

#endif
