/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_DECIDE_H
#define KHATM_POLICY_DECIDE_H

/* The decision: for each recipient the first enforced rule that matches, then one verdict for the message,
 * since a milter has one body for all. Pure: same rules and facts, same decision.
 *
 * Unknown facts: a rule that would match but for a fact that could not be learnt gives try-later (INTERNAL)
 * in the end; after a refusal of that kind a definite refusal further down still counts, a permission never
 * does. Content that no rule matches is refused (UNDECIDED, alert). Mail without content passes whatever the
 * rules say.
 *
 * Combining: a refused recipient refuses the message; a definite refusal beats try-later, try-later beats the
 * rest. A recipient who would get the document in clear beside one for whom it is sealed is refused (MIXED).
 *
 * The decision is the caller's (decision_free) and borrows from rules, which must outlive it. */

#include "policy/facts.h"
#include "policy/rules.h"
#include "policy/status.h"
#include "policy/verdict.h"

#include <stdbool.h>
#include <stddef.h>

/* What a rule asks. */
enum condition {
    CONDITION_NONE, /* all of them held */
    CONDITION_OFF,  /* the rule is switched off */
    CONDITION_ROLE,
    CONDITION_CONTENT,
    CONDITION_SENDER,
    CONDITION_LACKS,
    CONDITION_MUST_SEAL,
    CONDITION_DELIVERS_BROKEN,
    CONDITION_RCPT,
    CONDITION_LEVEL,
    CONDITION_CAVEAT,
    CONDITION_KEY,
    CONDITION_IN_CIRCLE,
    CONDITION_IN_HEADERS,
    CONDITION_REPLY_TO,
    CONDITION_SEALS_HERE,
    CONDITION_SEAL,
    CONDITION_KNOWN,
    CONDITION_TICKET,
    CONDITION_SEALED_FOR,
    CONDITION_RETURNS,
    CONDITION_FORWARD,
};

struct rcpt_decision {
    enum verdict verdict;
    enum reason reason;
    const struct rule *rule; /* NULL: none (UNDECIDED, MIXED, no content) */
};

struct rule_trial {
    const struct rule *rule;
    size_t rcpt;           /* index into facts->rcpts */
    bool matched;          /* a monitored rule may match too: it decides nothing */
    bool unknown;          /* all else held, but `failed` rests on a fact that could not be learnt */
    enum condition failed; /* the first condition that did not hold */
};

#define DECISION_NO_RCPT ((size_t)-1)

struct decision {
    enum verdict verdict;
    enum reason reason;
    const struct rule *rule; /* of the recipient that decided; NULL: none */
    size_t rcpt;             /* the recipient that decided; DECISION_NO_RCPT when there are none */
    bool alert;
    struct rcpt_decision *rcpts; /* one for each of facts->rcpts */
    size_t n_rcpts;
    struct rule_trial *trials; /* by recipient, then in the order of the rules */
    size_t n_trials;
};

/* POLICY_OK or POLICY_NO_MEMORY. */
enum policy_status policy_decide(const struct rules *rules, const struct policy_facts *facts,
                                 struct decision **decision_out) POLICY_MUST_USE;
void decision_free(struct decision *decision);

/* One phrase for a person: "recipient is government, the rule is about consumer". Cuts at room - 1. */
void trial_why(const struct policy_facts *facts, const struct rule_trial *trial, char *out, size_t room);

#endif
