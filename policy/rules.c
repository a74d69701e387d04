/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules.h"

#include "policy/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { RULE_ID_MAX = 64, RULE_BASIS_MAX = 300 };

struct rules {
    struct rule *rows; /* their strings are owned */
    size_t count, room;
};

static const char *const mode_names[] = {"enforce", "monitor", "off"};

const char *rule_mode_name(enum rule_mode mode)
{
    return (size_t)mode < 3 ? mode_names[mode] : "?";
}

bool verdict_is_permission(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
    case VERDICT_SEAL:
    case VERDICT_UNSEAL:
        return true;
    case VERDICT_TRY_LATER:
    case VERDICT_REJECT:
        return false;
    }
    return false;
}

struct rules *rules_new(void)
{
    return calloc(1, sizeof(struct rules));
}

static void row_free(struct rule *row)
{
    /* The only place where the table's own strings lose their const. */
    free((void *)(uintptr_t)row->id);
    free((void *)(uintptr_t)row->basis);
}

void rules_free(struct rules *rules)
{
    if (!rules)
        return;
    for (size_t i = 0; i < rules->count; i++)
        row_free(&rules->rows[i]);
    free(rules->rows);
    free(rules);
}

size_t rules_count(const struct rules *rules)
{
    return rules->count;
}

const struct rule *rules_get(const struct rules *rules, size_t index)
{
    return index < rules->count ? &rules->rows[index] : NULL;
}

static bool id_is_plain(const char *id)
{
    size_t length = strlen(id);
    return length && length <= RULE_ID_MAX &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._") == length;
}

static enum policy_status check_id(const struct rules *rules, const struct rule *rule,
                                   struct refusal *refusal)
{
    if (!rule->id || !id_is_plain(rule->id))
        return policy_refuse(refusal, "the rule's id is empty, too long or has odd characters: "
                                      "use up to 64 letters, digits, '-', '.', '_'");
    for (size_t i = 0; i < rules->count; i++)
        if (!strcmp(rules->rows[i].id, rule->id))
            return policy_refuse(refusal, "rule '%s' is there twice: give each rule an id of its own",
                                 rule->id);
    if (rules->count >= RULES_MAX)
        return policy_refuse(refusal, "more than %d rules: join some", RULES_MAX);
    return POLICY_OK;
}

/* The egress role will decide about it: where sealing is done there, what these roles let go on has not left.
 */
static bool is_decided_later(const struct rule *rule)
{
    const unsigned before = 1u << ROLE_SUBMISSION | 1u << ROLE_LOCAL;
    return rule->seals_here == FACT_NO && rule->roles && !(rule->roles & ~before);
}

/* A stranger's own mail, carried on by an address of ours. */
static bool is_not_ours(const struct rule *rule)
{
    const unsigned strangers = 1u << SENDER_OUTSIDER | 1u << SENDER_NULL;
    const unsigned authorities = 1u << RCPT_GOVERNMENT | 1u << RCPT_PARTNER | 1u << RCPT_LOCAL;
    return rule->known == FACT_NO && rule->senders && !(rule->senders & ~strangers) && rule->rcpts &&
           !(rule->rcpts & ~authorities) && rule->roles == 1u << ROLE_EGRESS;
}

/* A reply of staff that gives its recipient back what he sent: at the last hop a ticket must say so. */
static bool is_return(const struct rule *rule)
{
    const unsigned before = 1u << ROLE_SUBMISSION | 1u << ROLE_LOCAL;
    bool decided = !(rule->roles & ~before) || (rule->roles == 1u << ROLE_EGRESS && rule->ticket == FACT_YES);
    return rule->returns == FACT_YES && rule->content == CONTENT_DOCUMENT &&
           rule->senders == 1u << SENDER_STAFF && rule->roles && decided;
}

/* A document leaves in clear by local delivery alone. This is held here and not only in the shipped file, so
 * that a slip of the pen in a local rule cannot open another way out. */
static bool lets_document_out(const struct rule *rule)
{
    const unsigned out_roles = 1u << ROLE_SUBMISSION | 1u << ROLE_LOCAL | 1u << ROLE_EGRESS;
    if (is_decided_later(rule) || is_not_ours(rule) || is_return(rule))
        return false;
    const unsigned clear = CONTENT_DOCUMENT | CONTENT_AMBIGUOUS;
    bool goes_out = !rule->roles || (rule->roles & out_roles);
    bool in_clear = !rule->content || (rule->content & clear);
    bool beyond_local = !rule->rcpts || (rule->rcpts & ~(1u << RCPT_LOCAL));
    return rule->action == VERDICT_PASS && goes_out && in_clear && beyond_local;
}

static enum policy_status check_answer(const struct rule *rule, struct refusal *refusal)
{
    bool permission = verdict_is_permission(rule->action);
    if (!rule->basis || !*rule->basis || strlen(rule->basis) > RULE_BASIS_MAX)
        return policy_refuse(refusal,
                             "rule '%s' has no basis (or one over %d bytes): "
                             "name the text and article it rests on",
                             rule->id, RULE_BASIS_MAX);
    if (!permission && rule->reason == REASON_NONE)
        return policy_refuse(refusal, "rule '%s' refuses without a reason: add reason = …", rule->id);
    if (rule->reason == REASON_RETURN && (rule->action != VERDICT_PASS || !is_return(rule)))
        return policy_refuse(
            refusal,
            "rule '%s' gives the reason RETURN and is no return: set action = pass, returns = yes, "
            "content = { document }, sender = { staff }, and at egress ticket = yes",
            rule->id);
    if (permission && rule->reason != REASON_NONE && rule->reason != REASON_RETURN)
        return policy_refuse(
            refusal, "rule '%s' gives a reason (%s) but refuses nothing: drop it or set action = reject",
            rule->id, reason_name(rule->reason));
    if ((rule->content & RULE_CONTENT_NONE) &&
        (rule->action != VERDICT_PASS || rule->content != RULE_CONTENT_NONE))
        return policy_refuse(refusal,
                             "rule '%s' speaks of mail without content but does more than pass it: such mail "
                             "always passes; drop 'none', or keep only 'none' with action = pass",
                             rule->id);
    if (rule->action == VERDICT_SEAL && (!rule->roles || (rule->roles & 1u << ROLE_INBOUND)))
        return policy_refuse(refusal, "rule '%s' seals inbound mail: name the outgoing roles in roles = …",
                             rule->id);
    if (rule->action == VERDICT_SEAL && rule->keys != 1u << KEY_USABLE)
        return policy_refuse(refusal, "rule '%s' seals without asking for a key: add key = { usable }",
                             rule->id);
    if (rule->action == VERDICT_UNSEAL && rule->roles != 1u << ROLE_INBOUND)
        return policy_refuse(refusal, "rule '%s' unseals outgoing mail: set roles = { inbound }", rule->id);
    const unsigned opened = 1u << SEAL_VERIFIED | 1u << SEAL_UNSIGNED;
    bool to_open = rule->rcpts == 1u << RCPT_LOCAL && rule->seals && !(rule->seals & ~opened);
    if (rule->action == VERDICT_UNSEAL && !to_open)
        return policy_refuse(refusal,
                             "rule '%s' unseals what may not be opened: set recipient = { local } and "
                             "seal = { verified, unsigned }",
                             rule->id);
    if (rule->content != RULE_CONTENT_NONE && lets_document_out(rule))
        return policy_refuse(refusal,
                             "rule '%s' lets documents out in clear: seal them, or narrow the rule to "
                             "recipient = { local } or content = { opaque, sealed }",
                             rule->id);
    return POLICY_OK;
}

enum policy_status rules_add(struct rules *rules, const struct rule *rule, struct refusal *refusal)
{
    enum policy_status status = check_id(rules, rule, refusal);
    if (status == POLICY_OK)
        status = check_answer(rule, refusal);
    if (status != POLICY_OK)
        return status;
    if (rules->count == rules->room) {
        size_t room = rules->room ? rules->room * 2 : 32;
        struct rule *rows = realloc(rules->rows, room * sizeof *rows);
        if (!rows)
            return POLICY_NO_MEMORY;
        rules->rows = rows;
        rules->room = room;
    }
    struct rule row = *rule;
    row.id = strdup(rule->id);
    row.basis = strdup(rule->basis);
    if (!row.id || !row.basis) {
        row_free(&row);
        return POLICY_NO_MEMORY;
    }
    rules->rows[rules->count++] = row;
    return POLICY_OK;
}
