/* SPDX-License-Identifier: Apache-2.0 */
/* Every combination of the facts that the shipped rules look at, as long as they are known: each is decided
 * for good, so that nothing waits in a queue for ever; and nothing with content passes beyond the
 * administration but what goes back to whom it came from, by staff, without anything else in it. */
#include "base/digest.h"
#include "config/load.h"
#include "config/source.h"
#include "policy/decide.h"
#include "policy/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CONTENTS = 16, KINDS = 64 };

static const struct rules *rules;

/* One bit each. */
enum kind { TICKET = 1, KNOWN = 2, RETURNS = 4, SEALED_FOR = 8, HERE = 16, FORWARD = 32 };

static enum fact fact_of(bool value)
{
    return value ? FACT_YES : FACT_NO;
}

static void make(unsigned content, unsigned kind, struct policy_facts *facts, struct rcpt_facts *rcpt)
{
    rcpt->ticket = fact_of(kind & TICKET);
    rcpt->returns = fact_of(kind & RETURNS);
    rcpt->sealed_for = fact_of(kind & SEALED_FOR);
    facts->known = fact_of(kind & KNOWN);
    facts->seals_here = fact_of(kind & HERE);
    facts->forward = kind & FORWARD ? FORWARD_AUTOMATIC : 0;
    facts->content = content;
    facts->level = content ? 1 : 0;
}

static bool is_beyond(const struct policy_facts *facts)
{
    enum rcpt_class class = facts->rcpts[0].class;
    return facts->role != ROLE_INBOUND && class != RCPT_LOCAL && class != RCPT_GOVERNMENT &&
           class != RCPT_PARTNER;
}

/* NULL: as it should be. */
static const char *wrong(const struct policy_facts *facts, const struct decision *decision)
{
    const struct rcpt_facts *rcpt = &facts->rcpts[0];
    bool passes = verdict_is_permission(decision->verdict);
    bool staff_returns = facts->sender.class == SENDER_STAFF && rcpt->returns == FACT_YES &&
                         facts->content == CONTENT_DOCUMENT && decision->reason == REASON_RETURN;
    if (decision->verdict == VERDICT_TRY_LATER)
        return "waits for what is known";
    if (!facts->content && decision->verdict != VERDICT_PASS)
        return "talk is held up";
    if (facts->content && passes && is_beyond(facts) && !staff_returns)
        return "leaves the administration";
    if (passes && is_beyond(facts) && (facts->content & CONTENT_SEALED))
        return "a seal leaves the administration";
    if (facts->content && passes && is_beyond(facts) && facts->role == ROLE_EGRESS &&
        rcpt->ticket != FACT_YES)
        return "leaves without a ticket";
    if (passes && facts->role == ROLE_EGRESS && facts->known == FACT_YES && rcpt->ticket != FACT_YES &&
        rcpt->class != RCPT_LOCAL && rcpt->sealed_for != FACT_YES && facts->content)
        return "a known document is sent on without a ticket";
    if (decision->verdict == VERDICT_SEAL && rcpt->key != KEY_USABLE)
        return "sealed without a key";
    return NULL;
}

static void check(const struct policy_facts *facts)
{
    struct decision *decision = NULL;
    assert_int_equal(policy_decide(rules, facts, &decision), POLICY_OK);
    const char *why = wrong(facts, decision);
    char content[64];
    content_names(facts->content, content, sizeof content);
    if (why)
        fail_msg("%s: role=%s sender=%s content=%s -> %s key=%s ticket=%s known=%s returns=%s sealed-for=%s "
                 "seals-here=%s"
                 " forward=%u ==> %s %s",
                 why, role_name(facts->role), sender_class_name(facts->sender.class), content,
                 rcpt_class_name(facts->rcpts[0].class), key_state_name(facts->rcpts[0].key),
                 fact_name(facts->rcpts[0].ticket), fact_name(facts->known),
                 fact_name(facts->rcpts[0].returns), fact_name(facts->rcpts[0].sealed_for),
                 fact_name(facts->seals_here), facts->forward, verdict_name(decision->verdict),
                 reason_name(decision->reason));
    decision_free(decision);
}

static void check_role(void **state)
{
    static const enum key_state keys[] = {KEY_USABLE, KEY_MISSING};
    struct rcpt_facts rcpt = {
        .address = "x@y.example", .in_circle = FACT_YES, .in_headers = FACT_YES, .max_level = 3};
    struct policy_facts facts = {.role = *(const enum policy_role *)*state,
                                 .reply_to_consumer = FACT_NO,
                                 .rcpts = &rcpt,
                                 .n_rcpts = 1};
    facts.sender.must_seal = FACT_NO;
    for (int sender = 0; sender < SENDER_CLASS_COUNT; sender++)
        for (int class = 0; class < RCPT_CLASS_COUNT; class ++)
            for (size_t key = 0; key < sizeof keys / sizeof *keys; key++)
                for (unsigned content = 0; content < CONTENTS; content++)
                    for (unsigned kind = 0; kind < KINDS; kind++) {
                        facts.sender.class = (enum sender_class)sender;
                        rcpt.class = (enum rcpt_class) class;
                        rcpt.key = keys[key];
                        make(content, kind, &facts, &rcpt);
                        check(&facts);
                    }
}

static void load_shipped_rules(void)
{
    struct arena *arena = arena_new(0);
    struct digest *digest = digest_new();
    struct source source;
    struct problem problem = {""};
    if (source_read(arena, KHATM_SOURCE_DIR "/policy/rules/khatm.rules", SOURCE_SMALL, false, digest, &source,
                    &problem) != RESULT_OK ||
        load_rules(arena, &source, &rules, &problem) != RESULT_OK) {
        (void)fprintf(stderr, "%s\n", problem.text);
        exit(1);
    }
    digest_free(digest);
    arena_free(arena);
}

int main(void)
{
    static const enum policy_role roles[] = {ROLE_SUBMISSION, ROLE_INBOUND, ROLE_EGRESS, ROLE_LOCAL};
    struct CMUnitTest tests[ROLE_COUNT];
    load_shipped_rules();
    for (size_t i = 0; i < ROLE_COUNT; i++)
        tests[i] = (struct CMUnitTest){.name = role_name(roles[i]),
                                       .test_func = check_role,
                                       .initial_state = (void *)(uintptr_t)&roles[i]};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = _cmocka_run_group_tests("every combination", tests, ROLE_COUNT, NULL, NULL);
    rules_free((struct rules *)(uintptr_t)rules);
    return failed;
}
