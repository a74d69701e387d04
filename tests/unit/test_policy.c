/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and decisions: what is refused as a rule, what uncertainty and modes do, what is said of it. */
#include "policy/decide.h"
#include "policy/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define BIT(value)   (1u << (value))

static struct rule good_rule(const char *id)
{
    return (struct rule){.id = id,
                         .roles = BIT(ROLE_SUBMISSION),
                         .action = VERDICT_REJECT,
                         .reason = REASON_LEVEL,
                         .basis = "art. 18"};
}

/* Rules. */

static void rules_that_nobody_could_answer_for_are_refused(void **state)
{
    const unsigned out = BIT(ROLE_SUBMISSION);
    const struct {
        const char *name;
        struct rule rule;
        const char *says;
    } rows[] = {
        {"no id", {.id = "", .action = VERDICT_REJECT, .reason = REASON_LEVEL, .basis = "b"}, "id is empty"},
        {"odd id",
         {.id = "a b", .action = VERDICT_REJECT, .reason = REASON_LEVEL, .basis = "b"},
         "odd characters"},
        {"id twice",
         {.id = "first", .action = VERDICT_REJECT, .reason = REASON_LEVEL, .basis = "b"},
         "there twice"},
        {"no basis", {.id = "x", .action = VERDICT_REJECT, .reason = REASON_LEVEL, .basis = ""}, "no basis"},
        {"no reason", {.id = "x", .action = VERDICT_REJECT, .basis = "b"}, "without a reason"},
        {"no reason to wait", {.id = "x", .action = VERDICT_TRY_LATER, .basis = "b"}, "without a reason"},
        {"reason to pass",
         {.id = "x", .action = VERDICT_PASS, .reason = REASON_LEVEL, .basis = "b"},
         "refuses nothing"},
        {"refuse mere talk",
         {.id = "x",
          .action = VERDICT_REJECT,
          .content = RULE_CONTENT_NONE,
          .reason = REASON_LEVEL,
          .basis = "b"},
         "always passes"},
        {"talk and documents",
         {.id = "x", .action = VERDICT_PASS, .content = RULE_CONTENT_NONE | CONTENT_OPAQUE, .basis = "b"},
         "always passes"},
        {"seal without key",
         {.id = "x", .roles = out, .action = VERDICT_SEAL, .basis = "b"},
         "asking for a key"},
        {"seal with a bad key",
         {.id = "x",
          .roles = out,
          .keys = BIT(KEY_USABLE) | BIT(KEY_EXPIRED),
          .action = VERDICT_SEAL,
          .basis = "b"},
         "asking for a key"},
        {"seal what comes in",
         {.id = "x", .keys = BIT(KEY_USABLE), .action = VERDICT_SEAL, .basis = "b"},
         "inbound"},
        {"unseal what goes out",
         {.id = "x", .roles = out, .action = VERDICT_UNSEAL, .basis = "b"},
         "inbound"},
        {"unseal for strangers",
         {.id = "x",
          .roles = BIT(ROLE_INBOUND),
          .seals = BIT(SEAL_VERIFIED),
          .action = VERDICT_UNSEAL,
          .basis = "b"},
         "recipient = { local }"},
        {"unseal what is broken",
         {.id = "x",
          .roles = BIT(ROLE_INBOUND),
          .rcpts = BIT(RCPT_LOCAL),
          .seals = BIT(SEAL_VERIFIED) | BIT(SEAL_BROKEN),
          .action = VERDICT_UNSEAL,
          .basis = "b"},
         "may not be opened"},
        {"document in clear to anybody",
         {.id = "x", .roles = out, .action = VERDICT_PASS, .basis = "b"},
         "in clear"},
        {"document in clear to a ministry",
         {.id = "x",
          .roles = BIT(ROLE_EGRESS),
          .content = CONTENT_DOCUMENT,
          .rcpts = BIT(RCPT_GOVERNMENT),
          .action = VERDICT_PASS,
          .basis = "b"},
         "in clear"},
        {"before egress, but at egress, too",
         {.id = "x",
          .roles = BIT(ROLE_SUBMISSION) | BIT(ROLE_EGRESS),
          .seals_here = FACT_NO,
          .action = VERDICT_PASS,
          .basis = "b"},
         "in clear"},
        {"before egress, in no role",
         {.id = "x", .seals_here = FACT_NO, .action = VERDICT_PASS, .basis = "b"},
         "in clear"},
        {"our own name at egress",
         {.id = "x",
          .roles = BIT(ROLE_EGRESS),
          .senders = BIT(SENDER_OUTSIDER) | BIT(SENDER_CLAIMED),
          .rcpts = BIT(RCPT_GOVERNMENT),
          .known = FACT_NO,
          .action = VERDICT_PASS,
          .basis = "b"},
         "in clear"},
        {"a stranger's to anybody",
         {.id = "x",
          .roles = BIT(ROLE_EGRESS),
          .senders = BIT(SENDER_OUTSIDER),
          .known = FACT_NO,
          .action = VERDICT_PASS,
          .basis = "b"},
         "in clear"},
        {"a stranger's, known or not",
         {.id = "x",
          .roles = BIT(ROLE_EGRESS),
          .senders = BIT(SENDER_OUTSIDER),
          .rcpts = BIT(RCPT_PARTNER),
          .action = VERDICT_PASS,
          .basis = "b"},
         "in clear"},
        {"document in clear, any role",
         {.id = "x", .rcpts = BIT(RCPT_OTHER), .action = VERDICT_PASS, .basis = "b"},
         "in clear"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rules *rules = rules_new();
        struct rule first = good_rule("first");
        struct refusal refusal = {0};
        assert_int_equal(rules_add(rules, &first, &refusal), POLICY_OK);
        enum policy_status status = rules_add(rules, &rows[i].rule, &refusal);
        if (status != POLICY_REFUSED || !strstr(refusal.text, rows[i].says))
            fail_msg("%s: expected a refusal with '%s', got %d '%s'", rows[i].name, rows[i].says, (int)status,
                     refusal.text);
        assert_int_equal(rules_count(rules), 1);
        rules_free(rules);
    }
}

static void rules_are_copied(void **state)
{
    char id[] = "mine", basis[] = "art. 1";
    struct rules *rules = rules_new();
    struct rule rule = good_rule(id);
    rule.basis = basis;
    assert_int_equal(rules_add(rules, &rule, NULL), POLICY_OK);
    memset(id, 'x', 4);
    memset(basis, 'x', 6);
    assert_string_equal(rules_get(rules, 0)->id, "mine");
    assert_string_equal(rules_get(rules, 0)->basis, "art. 1");
    assert_null(rules_get(rules, 1));
    rules_free(rules);
}

static struct decision *decide(const struct rule *rows, size_t n, const struct policy_facts *facts,
                               struct rules **rules)
{
    struct decision *decision;
    *rules = rules_new();
    for (size_t i = 0; i < n; i++)
        assert_int_equal(rules_add(*rules, &rows[i], NULL), POLICY_OK);
    assert_int_equal(policy_decide(*rules, facts, &decision), POLICY_OK);
    return decision;
}

static void monitored_rules_are_noted_and_decide_nothing(void **state)
{
    struct rule rows[] = {good_rule("off"), good_rule("monitored"), good_rule("enforced")};
    rows[0].mode = RULE_OFF;
    rows[1].mode = RULE_MONITOR;
    rows[1].alert = true;
    rows[2].reason = REASON_CONSUMER;
    const struct rcpt_facts rcpt = {.class = RCPT_CONSUMER};
    const struct policy_facts facts = {.rcpts = &rcpt, .n_rcpts = 1, .content = CONTENT_DOCUMENT, .level = 1};
    struct rules *rules;
    struct decision *decision = decide(rows, 3, &facts, &rules);
    assert_int_equal(decision->reason, REASON_CONSUMER);
    assert_false(decision->alert);
    assert_int_equal(decision->n_trials, 3);
    assert_int_equal(decision->trials[0].failed, CONDITION_OFF);
    assert_true(decision->trials[1].matched && decision->trials[2].matched);
    decision_free(decision);
    rules_free(rules);
}

/* It might have been let go: whatever stands below must not answer instead. */
static void an_uncertain_permission_ends_the_search(void **state)
{
    struct rule rows[] = {good_rule("seal"), good_rule("refuse")};
    rows[0].action = VERDICT_SEAL;
    rows[0].reason = REASON_NONE;
    rows[0].keys = BIT(KEY_USABLE);
    const struct rcpt_facts rcpt = {.class = RCPT_GOVERNMENT, .key = KEY_UNKNOWN};
    const struct policy_facts facts = {.rcpts = &rcpt, .n_rcpts = 1, .content = CONTENT_DOCUMENT, .level = 1};
    struct rules *rules;
    struct decision *decision = decide(rows, 2, &facts, &rules);
    assert_int_equal(decision->verdict, VERDICT_TRY_LATER);
    assert_int_equal(decision->reason, REASON_INTERNAL);
    assert_string_equal(decision->rule->id, "seal");
    assert_true(decision->n_trials == 1 && decision->trials[0].unknown);
    decision_free(decision);
    rules_free(rules);
}

static void no_recipient_is_decided_all_the_same(void **state)
{
    struct rule row = good_rule("any");
    struct policy_facts facts = {.content = CONTENT_DOCUMENT};
    struct rules *rules;
    struct decision *decision = decide(&row, 1, &facts, &rules);
    assert_int_equal(decision->verdict, VERDICT_REJECT);
    assert_int_equal(decision->reason, REASON_UNDECIDED);
    assert_true(decision->alert && decision->rcpt == DECISION_NO_RCPT);
    decision_free(decision);
    rules_free(rules);
}

/* Should a gatherer forget to lay the union over the documents, nothing gets out by it. */
static void documents_count_even_when_the_union_forgot_them(void **state)
{
    struct rule row = good_rule("secret");
    row.levels = BIT(4);
    const struct rcpt_facts rcpt = {.class = RCPT_CONSUMER};
    const struct document_facts document = {.path = "1", .level = 4};
    const struct policy_facts facts = {
        .rcpts = &rcpt, .n_rcpts = 1, .documents = &document, .n_documents = 1};
    struct rules *rules;
    struct decision *decision = decide(&row, 1, &facts, &rules);
    assert_int_equal(decision->reason, REASON_LEVEL);
    decision_free(decision);
    rules_free(rules);
}

static void values_outside_their_enum_match_nothing_that_is_named(void **state)
{
    struct rule row = good_rule("inbound");
    row.roles = BIT(ROLE_INBOUND);
    const struct rcpt_facts rcpt = {.class = (enum rcpt_class)77, .key = (enum key_state)99};
    const struct policy_facts facts = {.role = (enum policy_role)40,
                                       .rcpts = &rcpt,
                                       .n_rcpts = 1,
                                       .level = -3,
                                       .content = CONTENT_DOCUMENT,
                                       .sender = {.class = (enum sender_class)33}};
    struct rules *rules;
    struct decision *decision = decide(&row, 1, &facts, &rules);
    assert_int_equal(decision->reason, REASON_UNDECIDED);
    decision_free(decision);
    rules_free(rules);
}

static void every_condition_says_why(void **state)
{
    struct rule row = good_rule("all");
    row.roles = BIT(ROLE_SUBMISSION) | BIT(ROLE_LOCAL);
    struct rcpt_facts rcpt = {.class = RCPT_GOVERNMENT, .key = KEY_EXPIRED, .in_circle = FACT_YES};
    struct policy_facts facts = {
        .rcpts = &rcpt, .n_rcpts = 1, .content = CONTENT_OPAQUE, .role = ROLE_INBOUND};
    const struct {
        enum condition failed;
        const char *says;
    } rows[] = {
        {CONDITION_NONE, "all conditions hold"},
        {CONDITION_OFF, "switched off"},
        {CONDITION_ROLE, "role is inbound, the rule is about submission, local"},
        {CONDITION_CONTENT, "content: opaque"},
        {CONDITION_SENDER, "sender is null"},
        {CONDITION_RCPT, "recipient is government"},
        {CONDITION_LEVEL, "level is PUBLIC"},
        {CONDITION_CAVEAT, "caveats: none"},
        {CONDITION_KEY, "key is expired"},
        {CONDITION_IN_CIRCLE, "within the circle: yes"},
        {CONDITION_IN_HEADERS, "named in To or Cc: unknown"},
        {CONDITION_REPLY_TO, "consumer domain: unknown"},
        {CONDITION_SEALS_HERE, "sealing is done by this role: unknown"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char why[300], tiny[8];
        const struct rule_trial trial = {.rule = &row, .failed = rows[i].failed};
        trial_why(&facts, &trial, why, sizeof why);
        trial_why(&facts, &trial, tiny, sizeof tiny);
        if (!strstr(why, rows[i].says))
            fail_msg("expected '%s' in '%s'", rows[i].says, why);
        assert_int_equal(strlen(tiny), sizeof tiny - 1);
    }
}

/* Names. */

static void every_name_leads_back_to_its_value(void **state)
{
    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
        enum reason back = REASON_NONE;
        assert_true(reason_parse(reason_name((enum reason)i), &back));
        assert_int_equal(back, i);
        char class = i == REASON_INTERNAL ? '4' : i == REASON_RETURN ? '\0' : '5';
        assert_int_equal(*reason_status((enum reason)i), class);
    }
    for (int i = 0; i < RCPT_CLASS_COUNT; i++) {
        enum rcpt_class back = RCPT_LOCAL;
        assert_true(rcpt_class_parse(rcpt_class_name((enum rcpt_class)i), &back) && (int)back == i);
    }
    for (int i = 0; i < KEY_STATE_COUNT; i++) {
        enum key_state back = KEY_UNKNOWN;
        assert_true(key_state_parse(key_state_name((enum key_state)i), &back) && (int)back == i);
    }
    enum reason untouched = REASON_LEVEL;
    assert_false(reason_parse("", &untouched) || reason_parse("level", &untouched));
    assert_int_equal(untouched, REASON_LEVEL);
    assert_string_equal(reason_name((enum reason)1000), "?");
    assert_string_equal(level_name(-1), "?");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(rules_that_nobody_could_answer_for_are_refused),
    cmocka_unit_test(rules_are_copied),
    cmocka_unit_test(monitored_rules_are_noted_and_decide_nothing),
    cmocka_unit_test(an_uncertain_permission_ends_the_search),
    cmocka_unit_test(no_recipient_is_decided_all_the_same),
    cmocka_unit_test(documents_count_even_when_the_union_forgot_them),
    cmocka_unit_test(values_outside_their_enum_match_nothing_that_is_named),
    cmocka_unit_test(every_condition_says_why),
    cmocka_unit_test(every_name_leads_back_to_its_value),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
