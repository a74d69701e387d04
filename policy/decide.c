/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/decide.h"

#include "policy/match.h"
#include "policy/names.h"

#include <stdio.h>
#include <stdlib.h>

void decision_free(struct decision *decision)
{
    if (!decision)
        return;
    free(decision->rcpts);
    free(decision->trials);
    free(decision);
}

/* Room for every rule on every recipient is asked for at once; pages that no trial reaches are never touched.
 */
static struct decision *decision_new(size_t n_rcpts, size_t n_rules)
{
    struct decision *decision = calloc(1, sizeof *decision);
    if (!decision)
        return NULL;
    size_t most = n_rules && n_rcpts > (size_t)-1 / n_rules ? (size_t)-1 : n_rules * n_rcpts;
    decision->rcpts = calloc(n_rcpts + 1, sizeof *decision->rcpts);
    decision->trials = calloc(most ? most : 1, sizeof *decision->trials);
    if (!decision->rcpts || !decision->trials) {
        decision_free(decision);
        return NULL;
    }
    decision->n_rcpts = n_rcpts;
    decision->rcpt = DECISION_NO_RCPT;
    return decision;
}

/* Where no rule answered: content is refused and somebody is told, conversation passes. */
static struct rcpt_decision undecided(const struct policy_facts *facts)
{
    struct rcpt_decision none = {VERDICT_PASS, REASON_NONE, NULL};
    if (match_content(facts)) {
        none.verdict = VERDICT_REJECT;
        none.reason = REASON_UNDECIDED;
    }
    return none;
}

/* The answer so far is a refusal that rests on an unknown fact. */
static bool is_pending(const struct rcpt_decision *answer)
{
    return answer->verdict == VERDICT_TRY_LATER && answer->rule;
}

/* True when the search ends with this rule; *out is the answer, or becomes it if nothing better comes. */
static bool try_rule(const struct rule *rule, const struct policy_facts *facts, size_t rcpt,
                     struct decision *decision, struct rcpt_decision *out)
{
    struct rule_trial *trial = &decision->trials[decision->n_trials++];
    *trial = (struct rule_trial){.rule = rule, .rcpt = rcpt, .failed = CONDITION_OFF};
    if (rule->mode == RULE_OFF)
        return false;
    enum match match = match_rule(rule, facts, rcpt, &trial->failed);
    trial->matched = match == MATCH_YES;
    trial->unknown = match == MATCH_UNKNOWN;
    if (match == MATCH_NO || rule->mode == RULE_MONITOR)
        return false;
    if (match == MATCH_UNKNOWN) {
        if (!is_pending(out))
            *out = (struct rcpt_decision){VERDICT_TRY_LATER, REASON_INTERNAL, rule};
        return verdict_is_permission(rule->action);
    }
    /* After a refusal that could not be told, only a definite one may still take its place. */
    if (is_pending(out) && rule->action != VERDICT_REJECT)
        return verdict_is_permission(rule->action);
    *out = (struct rcpt_decision){rule->action, rule->reason, rule};
    return true;
}

static struct rcpt_decision decide_rcpt(const struct rules *rules, const struct policy_facts *facts,
                                        size_t rcpt, struct decision *decision)
{
    struct rcpt_decision answer = undecided(facts);
    for (size_t i = 0; i < rules_count(rules); i++)
        if (try_rule(rules_get(rules, i), facts, rcpt, decision, &answer))
            break;
    if (!match_content(facts) && answer.verdict != VERDICT_PASS)
        return undecided(facts);
    return answer;
}

/* Passes here, and is sealed by a hop behind, which does not seal for everybody on the way. */
static bool is_sealed_later(const struct policy_facts *facts, const struct decision *decision, size_t i)
{
    enum rcpt_class class = facts->rcpts[i].class;
    return decision->rcpts[i].verdict == VERDICT_PASS && facts->seals_here == FACT_NO &&
           (facts->role == ROLE_SUBMISSION || facts->role == ROLE_LOCAL) &&
           (facts->content & CONTENT_DOCUMENT) && (class == RCPT_GOVERNMENT || class == RCPT_PARTNER);
}

/* One body serves all: it cannot be in clear for one and sealed for another. What a citizen gets back goes
 * the same way as what is sealed later; who sends it is told here, and not by a report. */
static void refuse_mixed(const struct policy_facts *facts, struct decision *decision)
{
    bool seals = false, later = false;
    for (size_t i = 0; i < decision->n_rcpts; i++) {
        seals = seals || decision->rcpts[i].verdict == VERDICT_SEAL;
        later = later || is_sealed_later(facts, decision, i);
    }
    for (size_t i = 0; i < decision->n_rcpts; i++) {
        const struct rcpt_decision *one = &decision->rcpts[i];
        if (one->verdict == VERDICT_PASS && (seals || (later && one->reason == REASON_RETURN)))
            decision->rcpts[i] = (struct rcpt_decision){VERDICT_REJECT, REASON_MIXED, NULL};
    }
}

/* A mixture goes away once the sender has mended the rest, so any other refusal is told first; what passes
 * for a reason of its own is told before what just passes. */
static bool decides_before(const struct rcpt_decision *a, const struct rcpt_decision *b)
{
    if (a->verdict != b->verdict)
        return a->verdict > b->verdict;
    return (b->reason == REASON_MIXED && a->reason != REASON_MIXED) ||
           (b->reason == REASON_NONE && a->reason != REASON_NONE);
}

static void combine(struct decision *decision)
{
    const struct rcpt_decision *strictest = NULL;
    for (size_t i = 0; i < decision->n_rcpts; i++) {
        const struct rcpt_decision *one = &decision->rcpts[i];
        decision->alert =
            decision->alert || one->reason == REASON_UNDECIDED || (one->rule && one->rule->alert);
        if (strictest && !decides_before(one, strictest))
            continue;
        strictest = one;
        decision->rcpt = i;
    }
    if (!strictest)
        return;
    decision->verdict = strictest->verdict;
    decision->reason = strictest->reason;
    decision->rule = strictest->rule;
}

enum policy_status policy_decide(const struct rules *rules, const struct policy_facts *facts,
                                 struct decision **decision_out)
{
    struct decision *decision = decision_new(facts->n_rcpts, rules_count(rules));
    *decision_out = decision;
    if (!decision)
        return POLICY_NO_MEMORY;
    for (size_t i = 0; i < facts->n_rcpts; i++)
        decision->rcpts[i] = decide_rcpt(rules, facts, i, decision);
    refuse_mixed(facts, decision);
    combine(decision);
    if (!facts->n_rcpts && match_content(facts)) {
        decision->verdict = VERDICT_REJECT;
        decision->reason = REASON_UNDECIDED;
        decision->alert = true;
    }
    return POLICY_OK;
}
