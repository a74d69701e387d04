/* SPDX-License-Identifier: Apache-2.0 */
#include "config/load.h"
#include "config/values.h"
#include "policy/names.h"
#include "policy/rules.h"

#include <string.h>

static const struct syntax in_rule[] = {{"roles", SYNTAX_LIST, NULL},
                                        {"content", SYNTAX_LIST, NULL},
                                        {"sender", SYNTAX_LIST, NULL},
                                        {"lacks", SYNTAX_LIST, NULL},
                                        {"recipient", SYNTAX_LIST, NULL},
                                        {"level", SYNTAX_LIST, NULL},
                                        {"caveats", SYNTAX_LIST, NULL},
                                        {"key", SYNTAX_LIST, NULL},
                                        {"seal", SYNTAX_LIST, NULL},
                                        {"in-circle", SYNTAX_TEXT, NULL},
                                        {"in-headers", SYNTAX_TEXT, NULL},
                                        {"seals-here", SYNTAX_TEXT, NULL},
                                        {"must-seal", SYNTAX_TEXT, NULL},
                                        {"delivers-broken", SYNTAX_TEXT, NULL},
                                        {"reply-to-consumer", SYNTAX_TEXT, NULL},
                                        {"known", SYNTAX_TEXT, NULL},
                                        {"ticket", SYNTAX_TEXT, NULL},
                                        {"sealed-for", SYNTAX_TEXT, NULL},
                                        {"returns", SYNTAX_TEXT, NULL},
                                        {"forward", SYNTAX_LIST, NULL},
                                        {"action", SYNTAX_TEXT, NULL},
                                        {"reason", SYNTAX_TEXT, NULL},
                                        {"basis", SYNTAX_TEXT, NULL},
                                        {"mode", SYNTAX_TEXT, NULL},
                                        {"alert", SYNTAX_TEXT, NULL},
                                        {NULL, SYNTAX_TEXT, NULL}};
static const struct syntax in_file[] = {{"rule", SYNTAX_TITLED, in_rule}, {NULL, SYNTAX_TEXT, NULL}};

enum { NAMES_MAX = 32 };

/* The vocabulary of a condition, as the list of names that values_set takes: bit i is names[i]. */
struct names {
    const char *names[NAMES_MAX + 1];
};

static struct names roles(void)
{
    struct names n = {{NULL}};
    for (int i = 0; i < ROLE_COUNT; i++)
        n.names[i] = role_name((enum policy_role)i);
    return n;
}

static struct names senders(void)
{
    struct names n = {{NULL}};
    for (int i = 0; i < SENDER_CLASS_COUNT; i++)
        n.names[i] = sender_class_name((enum sender_class)i);
    return n;
}

static struct names lacks(void)
{
    struct names n = {{NULL}};
    for (int i = 0; i < SENDER_LACK_COUNT; i++)
        n.names[i] = sender_lack_name((enum sender_lack)i);
    return n;
}

static struct names rcpts(void)
{
    struct names n = {{NULL}};
    for (int i = 0; i < RCPT_CLASS_COUNT; i++)
        n.names[i] = rcpt_class_name((enum rcpt_class)i);
    return n;
}

static struct names keys(void)
{
    struct names n = {{NULL}};
    for (int i = 0; i < KEY_STATE_COUNT; i++)
        n.names[i] = key_state_name((enum key_state)i);
    return n;
}

static struct names seals(void)
{
    struct names n = {{NULL}};
    for (int i = 0; i < SEAL_STATE_COUNT; i++)
        n.names[i] = seal_state_name((enum seal_state)i);
    return n;
}

static struct names forwards(void)
{
    struct names n = {{NULL}};
    for (unsigned i = 0; i < FORWARD_FLAG_COUNT; i++)
        n.names[i] = forward_flag_name(1u << i);
    return n;
}

static struct names reasons(void)
{
    struct names n = {{NULL}};
    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++)
        n.names[i - 1] = reason_name((enum reason)i);
    return n;
}

_Static_assert((int)REASON_COUNT <= (int)NAMES_MAX, "more reasons than a table of names holds");

static const char *const contents[] = {"document", "opaque", "sealed", "ambiguous", "none", NULL};
static const char *const caveats[] = {"ENQUETE", "DCP", "PERSONNEL", "URGENT", "EMBARGO", NULL};
static const char *const levels[] = {"0", "1", "2", "3", "4", "5", NULL};
static const char *const verdicts[] = {"pass", "seal", "unseal", "try-later", "reject", NULL};
static const char *const modes[] = {"enforce", "monitor", "off", NULL};

static enum fact fact_of(struct values *values, const struct block *block, const char *name)
{
    if (!values_find(block, name))
        return FACT_UNKNOWN;
    return values_yes(values, block, name, false) ? FACT_YES : FACT_NO;
}

static unsigned content_of(struct values *values, const struct block *block)
{
    const unsigned none = 1u << 4;
    unsigned set = values_set(values, block, "content", contents);
    return set & none ? (set & ~none) | RULE_CONTENT_NONE : set;
}

static enum reason reason_of(struct values *values, const struct block *block)
{
    struct names names = reasons();
    if (!values_find(block, "reason"))
        return REASON_NONE;
    return (enum reason)(values_choice(values, block, "reason", names.names, 0) + 1);
}

static struct rule read_rule(struct values *values, const struct block *block)
{
    struct names role = roles(), sender = senders(), lack = lacks(), rcpt = rcpts(), key = keys(),
                 seal = seals(), forward = forwards();
    (void)values_required(values, block, "action", "reject");
    return (struct rule){
        .id = block->title,
        .roles = values_set(values, block, "roles", role.names),
        .content = content_of(values, block),
        .senders = values_set(values, block, "sender", sender.names),
        .lacks = values_set(values, block, "lacks", lack.names),
        .rcpts = values_set(values, block, "recipient", rcpt.names),
        .levels = values_set(values, block, "level", levels),
        .caveats = values_set(values, block, "caveats", caveats),
        .keys = values_set(values, block, "key", key.names),
        .seals = values_set(values, block, "seal", seal.names),
        .in_circle = fact_of(values, block, "in-circle"),
        .in_headers = fact_of(values, block, "in-headers"),
        .reply_to_consumer = fact_of(values, block, "reply-to-consumer"),
        .seals_here = fact_of(values, block, "seals-here"),
        .must_seal = fact_of(values, block, "must-seal"),
        .delivers_broken = fact_of(values, block, "delivers-broken"),
        .known = fact_of(values, block, "known"),
        .ticket = fact_of(values, block, "ticket"),
        .sealed_for = fact_of(values, block, "sealed-for"),
        .returns = fact_of(values, block, "returns"),
        .forward = values_set(values, block, "forward", forward.names),
        .action = (enum verdict)values_choice(values, block, "action", verdicts, VERDICT_REJECT),
        .reason = reason_of(values, block),
        .basis = values_text(values, block, "basis", ""),
        .mode = (enum rule_mode)values_choice(values, block, "mode", modes, RULE_ENFORCE),
        .alert = values_yes(values, block, "alert", false),
    };
}

static void add_rule(struct values *values, const struct block *block, struct rules *rules)
{
    struct refusal refusal = {0};
    struct rule rule = read_rule(values, block);
    if (values->result != RESULT_OK)
        return;
    switch (rules_add(rules, &rule, &refusal)) {
    case POLICY_OK:
        return;
    case POLICY_NO_MEMORY:
        values_no_memory(values);
        return;
    case POLICY_REFUSED:
        values_wrong(values, block->line, "%s", refusal.text);
        return;
    }
}

enum result load_rules(struct arena *arena, const struct source *source, const struct rules **rules_out,
                       struct problem *problem)
{
    const struct block *file;
    struct values values = {.arena = arena, .path = source->path, .problem = problem, .result = RESULT_OK};
    enum result result = syntax_parse(arena, source, in_file, &file, problem);
    if (result != RESULT_OK)
        return result;
    struct rules *rules = rules_new();
    if (!rules)
        values_no_memory(&values);
    for (size_t i = 0; rules && i < file->n_blocks; i++)
        add_rule(&values, &file->blocks[i], rules);
    if (rules && !rules_count(rules))
        values_wrong(&values, 1, "no rule at all: take the shipped khatm.rules");
    if (values.result != RESULT_OK) {
        rules_free(rules);
        return values.result;
    }
    *rules_out = rules;
    return RESULT_OK;
}
