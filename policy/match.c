/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/match.h"

/* The facts' own union should already hold all this. Should a gatherer ever forget, nothing is lost by
 * looking. */
unsigned match_content(const struct policy_facts *facts)
{
    unsigned content = facts->content;
    for (size_t i = 0; i < facts->n_documents; i++) {
        const struct document_facts *d = &facts->documents[i];
        content |= d->opaque ? CONTENT_OPAQUE : d->sealed ? CONTENT_SEALED : CONTENT_DOCUMENT;
        content |= d->ambiguous ? CONTENT_AMBIGUOUS : 0;
    }
    return content;
}

int match_level(const struct policy_facts *facts)
{
    int level = facts->level;
    for (size_t i = 0; i < facts->n_documents; i++)
        if (facts->documents[i].level > level)
            level = facts->documents[i].level;
    return level < 0 || level > LEVEL_MAX ? LEVEL_MAX : level;
}

unsigned match_caveats(const struct policy_facts *facts)
{
    unsigned caveats = facts->caveats;
    for (size_t i = 0; i < facts->n_documents; i++)
        caveats |= facts->documents[i].caveats;
    return caveats;
}

enum fact match_known(const struct policy_facts *facts)
{
    for (size_t i = 0; i < facts->n_documents; i++)
        if (facts->documents[i].known == FACT_YES)
            return FACT_YES;
    return facts->known;
}

static enum match in_set(unsigned set, unsigned value)
{
    return !set || (value < 32 && (set >> value & 1)) ? MATCH_YES : MATCH_NO;
}

static enum match flags(unsigned wanted, unsigned present, bool permission)
{
    if (!(wanted & present))
        return MATCH_NO;
    return permission && (present & ~wanted) ? MATCH_NO : MATCH_YES;
}

static enum match tri(enum fact wanted, enum fact actual)
{
    if (wanted == FACT_UNKNOWN || wanted == actual)
        return MATCH_YES;
    return actual == FACT_UNKNOWN ? MATCH_UNKNOWN : MATCH_NO;
}

static enum match match_content_set(const struct rule *rule, const struct policy_facts *facts)
{
    unsigned content = match_content(facts);
    if (!content)
        return rule->content & RULE_CONTENT_NONE ? MATCH_YES : MATCH_NO;
    if (!rule->content)
        return MATCH_YES;
    return flags(rule->content, content, verdict_is_permission(rule->action));
}

static enum match match_caveat_set(const struct rule *rule, const struct policy_facts *facts)
{
    if (!rule->caveats)
        return MATCH_YES;
    return flags(rule->caveats, match_caveats(facts), verdict_is_permission(rule->action));
}

static enum match match_key(const struct rule *rule, enum key_state key)
{
    if (in_set(rule->keys, (unsigned)key) == MATCH_YES)
        return MATCH_YES;
    return key == KEY_UNKNOWN ? MATCH_UNKNOWN : MATCH_NO;
}

/* While a proof is still to be looked for, claimed may turn out to be government: only a rule that takes both
 * alike can tell, and what is lacking is not known either. */
static enum match match_sender(const struct rule *rule, const struct sender_facts *sender)
{
    enum match match = in_set(rule->senders, (unsigned)sender->class);
    if (sender->class != SENDER_CLAIMED || !sender->proof_unknown)
        return match;
    return in_set(rule->senders, SENDER_GOVERNMENT) == match ? match : MATCH_UNKNOWN;
}

static enum match match_lacks(const struct rule *rule, const struct sender_facts *sender)
{
    if (rule->lacks && sender->class == SENDER_CLAIMED && sender->proof_unknown)
        return MATCH_UNKNOWN;
    return in_set(rule->lacks, (unsigned)sender->lacks);
}

enum match match_rule(const struct rule *rule, const struct policy_facts *facts, size_t rcpt,
                      enum condition *failed)
{
    const struct rcpt_facts *to = &facts->rcpts[rcpt];
    const struct {
        enum condition condition;
        enum match match;
    } conditions[] = {
        {CONDITION_ROLE, in_set(rule->roles, (unsigned)facts->role)},
        {CONDITION_CONTENT, match_content_set(rule, facts)},
        {CONDITION_SENDER, match_sender(rule, &facts->sender)},
        {CONDITION_LACKS, match_lacks(rule, &facts->sender)},
        {CONDITION_SEAL, in_set(rule->seals, (unsigned)facts->seal)},
        {CONDITION_MUST_SEAL, tri(rule->must_seal, facts->sender.must_seal)},
        {CONDITION_DELIVERS_BROKEN, tri(rule->delivers_broken, facts->sender.delivers_broken)},
        {CONDITION_RCPT, in_set(rule->rcpts, (unsigned)to->class)},
        {CONDITION_LEVEL, in_set(rule->levels, (unsigned)match_level(facts))},
        {CONDITION_CAVEAT, match_caveat_set(rule, facts)},
        {CONDITION_SEALS_HERE, tri(rule->seals_here, facts->seals_here)},
        {CONDITION_REPLY_TO, tri(rule->reply_to_consumer, facts->reply_to_consumer)},
        {CONDITION_IN_CIRCLE, tri(rule->in_circle, to->in_circle)},
        {CONDITION_IN_HEADERS, tri(rule->in_headers, to->in_headers)},
        {CONDITION_TICKET, tri(rule->ticket, to->ticket)},
        {CONDITION_SEALED_FOR, tri(rule->sealed_for, to->sealed_for)},
        {CONDITION_RETURNS, tri(rule->returns, to->returns)},
        {CONDITION_FORWARD, !rule->forward || (rule->forward & facts->forward) ? MATCH_YES : MATCH_NO},
        {CONDITION_KNOWN, tri(rule->known, match_known(facts))},
        {CONDITION_KEY, match_key(rule, to->key)},
    };
    enum match result = MATCH_YES;
    *failed = CONDITION_NONE;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions && result != MATCH_NO; i++) {
        if (conditions[i].match == MATCH_YES ||
            (conditions[i].match == MATCH_UNKNOWN && result == MATCH_UNKNOWN))
            continue;
        result = conditions[i].match;
        *failed = conditions[i].condition;
    }
    return result;
}
