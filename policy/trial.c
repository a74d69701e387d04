/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/decide.h"
#include "policy/match.h"
#include "policy/names.h"

#include <stdio.h>
#include <string.h>

enum { SET_ROOM = 160 };

/* "government, partner" for a set of bits. */
static void set_names(unsigned set, unsigned count, const char *(*name)(unsigned), char out[SET_ROOM])
{
    size_t used = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < count && used < SET_ROOM; i++) {
        if (!(set & 1u << i))
            continue;
        int wrote = snprintf(out + used, SET_ROOM - used, "%s%s", used ? ", " : "", name(i));
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

static const char *role_at(unsigned i)
{
    return role_name((enum policy_role)i);
}

static const char *sender_at(unsigned i)
{
    return sender_class_name((enum sender_class)i);
}

static const char *lack_at(unsigned i)
{
    return sender_lack_name((enum sender_lack)i);
}

static const char *rcpt_at(unsigned i)
{
    return rcpt_class_name((enum rcpt_class)i);
}

static const char *key_at(unsigned i)
{
    return key_state_name((enum key_state)i);
}

static const char *seal_at(unsigned i)
{
    return seal_state_name((enum seal_state)i);
}

static const char *level_at(unsigned i)
{
    return level_name((int)i);
}

static void why_flags(const struct rule *rule, const struct policy_facts *facts, bool content, char *out,
                      size_t room)
{
    char is[SET_ROOM], wants[SET_ROOM];
    if (content) {
        content_names(match_content(facts), is, sizeof is);
        content_names(rule->content & ~(unsigned)RULE_CONTENT_NONE, wants, sizeof wants);
    } else {
        caveat_names(match_caveats(facts), is, sizeof is);
        caveat_names(rule->caveats, wants, sizeof wants);
    }
    if (content && !rule->content)
        (void)snprintf(wants, sizeof wants, "any content");
    const char *only = verdict_is_permission(rule->action) ? "only for" : "about";
    (void)snprintf(out, room, "%s: %s, the rule is %s %s", content ? "content" : "caveats", is, only, wants);
}

static void why_forward(const struct rule *rule, const struct policy_facts *facts, char *out, size_t room)
{
    char is[SET_ROOM], wants[SET_ROOM];
    forward_names(facts->forward, is, sizeof is);
    forward_names(rule->forward, wants, sizeof wants);
    (void)snprintf(out, room, "signs of a forward: %s, the rule is about %s", is, wants);
}

static void why_set(const char *what, const char *is, const char *wants, char *out, size_t room)
{
    (void)snprintf(out, room, "%s is %s, the rule is about %s", what, is, wants);
}

/* Conditions that are yes or no. */
static void why_fact(const struct rule_trial *trial, const struct policy_facts *facts, char *out, size_t room)
{
    const struct rule *rule = trial->rule;
    const struct rcpt_facts *to = &facts->rcpts[trial->rcpt];
    const struct {
        enum condition condition;
        const char *what;
        enum fact is, wants;
    } table[] = {
        {CONDITION_MUST_SEAL, "documents of this sender must come sealed", facts->sender.must_seal,
         rule->must_seal},
        {CONDITION_DELIVERS_BROKEN, "broken seals of this sender are delivered",
         facts->sender.delivers_broken, rule->delivers_broken},
        {CONDITION_IN_CIRCLE, "recipient within the circle", to->in_circle, rule->in_circle},
        {CONDITION_IN_HEADERS, "recipient named in To or Cc", to->in_headers, rule->in_headers},
        {CONDITION_REPLY_TO, "reply address at a consumer domain", facts->reply_to_consumer,
         rule->reply_to_consumer},
        {CONDITION_SEALS_HERE, "sealing is done by this role", facts->seals_here, rule->seals_here},
        {CONDITION_KNOWN, "a document is known as administrative", match_known(facts), rule->known},
        {CONDITION_TICKET, "a ticket decided this recipient", to->ticket, rule->ticket},
        {CONDITION_SEALED_FOR, "sealed here for this recipient", to->sealed_for, rule->sealed_for},
        {CONDITION_RETURNS, "all of it once came from this recipient", to->returns, rule->returns},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].condition == trial->failed)
            (void)snprintf(out, room, "%s: %s, the rule is about %s", table[i].what, fact_name(table[i].is),
                           fact_name(table[i].wants));
}

/* Conditions that name a set of which the message has one. */
static void why_named(const struct policy_facts *facts, const struct rule_trial *trial, char *out,
                      size_t room)
{
    const struct rule *rule = trial->rule;
    const struct rcpt_facts *to = &facts->rcpts[trial->rcpt];
    const struct {
        enum condition condition;
        const char *what, *is;
        unsigned set, count;
        const char *(*name_at)(unsigned i);
    } table[] = {
        {CONDITION_ROLE, "role", role_name(facts->role), rule->roles, ROLE_COUNT, role_at},
        {CONDITION_SENDER, "sender", sender_class_name(facts->sender.class), rule->senders,
         SENDER_CLASS_COUNT, sender_at},
        {CONDITION_LACKS, "what the sender lacks", sender_lack_name(facts->sender.lacks), rule->lacks,
         SENDER_LACK_COUNT, lack_at},
        {CONDITION_RCPT, "recipient", rcpt_class_name(to->class), rule->rcpts, RCPT_CLASS_COUNT, rcpt_at},
        {CONDITION_LEVEL, "level", level_name(match_level(facts)), rule->levels, LEVEL_MAX + 1, level_at},
        {CONDITION_KEY, "recipient's key", key_state_name(to->key), rule->keys, KEY_STATE_COUNT, key_at},
        {CONDITION_SEAL, "seal", seal_state_name(facts->seal), rule->seals, SEAL_STATE_COUNT, seal_at},
    };
    char wants[SET_ROOM];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].condition != trial->failed)
            continue;
        set_names(table[i].set, table[i].count, table[i].name_at, wants);
        why_set(table[i].what, table[i].is, wants, out, room);
    }
}

static void why_failed(const struct policy_facts *facts, const struct rule_trial *trial, char *out,
                       size_t room)
{
    const struct rule *rule = trial->rule;
    switch (trial->failed) {
    case CONDITION_NONE:
        (void)snprintf(out, room, "all conditions hold");
        return;
    case CONDITION_OFF:
        (void)snprintf(out, room, "the rule is switched off");
        return;
    case CONDITION_CONTENT:
        why_flags(rule, facts, true, out, room);
        return;
    case CONDITION_CAVEAT:
        why_flags(rule, facts, false, out, room);
        return;
    case CONDITION_FORWARD:
        why_forward(rule, facts, out, room);
        return;
    case CONDITION_ROLE:
    case CONDITION_SENDER:
    case CONDITION_LACKS:
    case CONDITION_RCPT:
    case CONDITION_LEVEL:
    case CONDITION_KEY:
    case CONDITION_SEAL:
        why_named(facts, trial, out, room);
        return;
    case CONDITION_RETURNS:
    case CONDITION_IN_CIRCLE:
    case CONDITION_IN_HEADERS:
    case CONDITION_REPLY_TO:
    case CONDITION_SEALS_HERE:
    case CONDITION_KNOWN:
    case CONDITION_SEALED_FOR:
    case CONDITION_TICKET:
    case CONDITION_MUST_SEAL:
    case CONDITION_DELIVERS_BROKEN:
        why_fact(trial, facts, out, room);
        return;
    }
}

void trial_why(const struct policy_facts *facts, const struct rule_trial *trial, char *out, size_t room)
{
    static const char tail[] = "; try later, since no rule may be passed over on an unknown fact";
    if (!room)
        return;
    out[0] = '\0';
    why_failed(facts, trial, out, room);
    size_t used = strlen(out);
    if (trial->unknown && trial->rule->mode == RULE_ENFORCE && used + sizeof tail <= room)
        memcpy(out + used, tail, sizeof tail);
}
