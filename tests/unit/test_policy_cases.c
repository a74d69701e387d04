/* SPDX-License-Identifier: Apache-2.0 */
/* tests/policy/{rules,matrix,combine}.cases against the shipped rules: one test a row, named as the row is.
 */
#include "cases.h"

#include "base/digest.h"
#include "config/load.h"
#include "config/source.h"
#include "policy/decide.h"
#include "policy/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { RCPTS_MAX = 8 };

static struct {
    const struct rules *rules;
    struct case_row rows[CASE_ROWS_MAX];
    size_t n_rows;
    char names[CASE_ROWS_MAX][160];
} world;

struct facts_of_row {
    struct policy_facts facts;
    struct rcpt_facts rcpts[RCPTS_MAX];
};

/* A row becomes facts. */

static unsigned flags_of(const char *list, bool (*parse)(const char *, unsigned *))
{
    char copy[128], *rest = NULL;
    unsigned set = 0;
    (void)snprintf(copy, sizeof copy, "%s", list);
    for (char *word = strtok_r(copy, "+", &rest); word; word = strtok_r(NULL, "+", &rest)) {
        unsigned flag = 0;
        if (strcmp(word, "none") != 0)
            assert_true(parse(word, &flag));
        set |= flag;
    }
    return set;
}

static void set_fact(struct facts_of_row *row, const char *name, const char *value)
{
    struct policy_facts *facts = &row->facts;
    struct rcpt_facts *rcpt = facts->n_rcpts ? &row->rcpts[facts->n_rcpts - 1] : NULL;
    if (!strcmp(name, "role"))
        assert_true(role_parse(value, &facts->role));
    else if (!strcmp(name, "sender"))
        assert_true(sender_class_parse(value, &facts->sender.class));
    else if (!strcmp(name, "lacks"))
        assert_true(sender_lack_parse(value, &facts->sender.lacks));
    else if (!strcmp(name, "proof"))
        facts->sender.proof_unknown = !strcmp(value, "unknown");
    else if (!strcmp(name, "seal"))
        assert_true(seal_state_parse(value, &facts->seal));
    else if (!strcmp(name, "must-seal"))
        assert_true(fact_parse(value, &facts->sender.must_seal));
    else if (!strcmp(name, "delivers-broken"))
        assert_true(fact_parse(value, &facts->sender.delivers_broken));
    else if (!strcmp(name, "content"))
        facts->content = flags_of(value, content_flag_parse);
    else if (!strcmp(name, "caveats"))
        facts->caveats = flags_of(value, caveat_parse);
    else if (!strcmp(name, "level"))
        facts->level = atoi(value);
    else if (!strcmp(name, "reply-to-consumer"))
        assert_true(fact_parse(value, &facts->reply_to_consumer));
    else if (!strcmp(name, "seals-here"))
        assert_true(fact_parse(value, &facts->seals_here));
    else if (!strcmp(name, "known"))
        assert_true(fact_parse(value, &facts->known));
    else if (!strcmp(name, "forward"))
        facts->forward = flags_of(value, forward_flag_parse);
    else if (rcpt && !strcmp(name, "returns"))
        assert_true(fact_parse(value, &rcpt->returns));
    else if (rcpt && !strcmp(name, "sealed-for"))
        assert_true(fact_parse(value, &rcpt->sealed_for));
    else if (rcpt && !strcmp(name, "ticket"))
        assert_true(fact_parse(value, &rcpt->ticket));
    else if (rcpt && !strcmp(name, "key"))
        assert_true(key_state_parse(value, &rcpt->key));
    else if (rcpt && !strcmp(name, "in-circle"))
        assert_true(fact_parse(value, &rcpt->in_circle));
    else if (rcpt && !strcmp(name, "in-headers"))
        assert_true(fact_parse(value, &rcpt->in_headers));
    else
        fail_msg("unknown fact '%s'", name);
}

static void add_rcpt(struct facts_of_row *row, const char *class)
{
    assert_true(row->facts.n_rcpts < RCPTS_MAX);
    struct rcpt_facts *rcpt = &row->rcpts[row->facts.n_rcpts++];
    *rcpt = (struct rcpt_facts){.address = "x@y.example",
                                .in_circle = FACT_YES,
                                .in_headers = FACT_YES,
                                .ticket = FACT_NO,
                                .sealed_for = FACT_NO,
                                .returns = FACT_NO};
    assert_true(rcpt_class_parse(class, &rcpt->class));
    bool sealable = rcpt->class == RCPT_GOVERNMENT || rcpt->class == RCPT_PARTNER;
    rcpt->key = sealable ? KEY_USABLE : KEY_MISSING;
    rcpt->in_circle = sealable ? FACT_YES : FACT_UNKNOWN;
}

static void facts_of(const char *given, struct facts_of_row *row)
{
    char copy[512], *rest = NULL;
    const char *colon = strstr(given, " :");
    bool arrow = false;
    assert_non_null(colon);
    (void)snprintf(copy, sizeof copy, "%s", colon + 2);
    row->facts = (struct policy_facts){.role = ROLE_SUBMISSION,
                                       .sender = {.class = SENDER_STAFF},
                                       .content = CONTENT_DOCUMENT,
                                       .level = 1,
                                       .reply_to_consumer = FACT_NO,
                                       .known = FACT_NO,
                                       .seals_here = FACT_UNKNOWN,
                                       .rcpts = row->rcpts};
    bool seals_said = strstr(given, "seals-here=") != NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *equals = strchr(word, '=');
        if (!strcmp(word, "->")) {
            arrow = true;
        } else if (arrow) {
            add_rcpt(row, word);
            arrow = false;
        } else {
            assert_non_null(equals);
            *equals = '\0';
            set_fact(row, word, equals + 1);
        }
    }
    if (!seals_said)
        row->facts.seals_here = row->facts.role != ROLE_INBOUND ? FACT_YES : FACT_NO;
}

/* And a decision becomes what the row expects. */

static void say(const struct decision *decision, bool with_rule, char *out, size_t room)
{
    (void)snprintf(out, room, "%s%s%s%s%s%s", verdict_name(decision->verdict),
                   decision->reason != REASON_NONE ? " " : "", reason_name(decision->reason),
                   with_rule && decision->rule ? " by " : "",
                   with_rule && decision->rule ? decision->rule->id : "", decision->alert ? " alert" : "");
}

static void decide_row(void **state)
{
    const struct case_row *row = *state;
    struct facts_of_row given;
    struct decision *decision;
    char got[200];
    facts_of(row->given, &given);
    assert_int_equal(policy_decide(world.rules, &given.facts, &decision), POLICY_OK);
    say(decision, strstr(row->expected, " by ") != NULL, got, sizeof got);
    if (strcmp(got, row->expected) != 0)
        fail_msg("%s.cases:%u: %s\n  expected %s\n  got      %s", row->file, row->line, row->given,
                 row->expected, got);
    decision_free(decision);
}

static bool row_decided_by(const struct case_row *row, const char *id)
{
    const char *by = strstr(row->expected, " by ");
    size_t length = strlen(id);
    return by && !strncmp(by + 4, id, length) && (by[4 + length] == '\0' || by[4 + length] == ' ');
}

static bool row_is_miss(const struct case_row *row, const char *id)
{
    size_t length = strlen(id);
    return !strncmp(row->given, id, length) && !strncmp(row->given + length, " miss", 5) &&
           !row_decided_by(row, id);
}

static void every_rule_has_a_hit_and_a_miss(void **state)
{
    for (size_t r = 0; r < rules_count(world.rules); r++) {
        const char *id = rules_get(world.rules, r)->id;
        size_t hits = 0, misses = 0;
        for (size_t i = 0; i < world.n_rows; i++) {
            hits += row_decided_by(&world.rows[i], id);
            misses += row_is_miss(&world.rows[i], id);
        }
        if (!hits || !misses)
            fail_msg("rule %s: %zu rows that it decides, %zu named '%s miss'", id, hits, misses, id);
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
        load_rules(arena, &source, &world.rules, &problem) != RESULT_OK) {
        (void)fprintf(stderr, "%s\n", problem.text);
        exit(1);
    }
    digest_free(digest);
    arena_free(arena);
}

int main(void)
{
    static struct CMUnitTest tests[CASE_ROWS_MAX + 1];
    load_shipped_rules();
    world.n_rows = case_read("rules", world.rows, 0);
    world.n_rows = case_read("matrix", world.rows, world.n_rows);
    world.n_rows = case_read("combine", world.rows, world.n_rows);
    tests[0] = (struct CMUnitTest)cmocka_unit_test(every_rule_has_a_hit_and_a_miss);
    for (size_t i = 0; i < world.n_rows; i++) {
        struct case_row *row = &world.rows[i];
        const char *colon = strstr(row->given, " :");
        (void)snprintf(world.names[i], sizeof world.names[i], "%s.cases:%u %.*s", row->file, row->line,
                       (int)(colon ? colon - row->given : 60), row->given);
        tests[i + 1] =
            (struct CMUnitTest){.name = world.names[i], .test_func = decide_row, .initial_state = row};
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = _cmocka_run_group_tests("policy cases", tests, world.n_rows + 1, NULL, NULL);
    rules_free((struct rules *)(uintptr_t)world.rules);
    for (size_t i = 0; i < world.n_rows; i++) {
        free(world.rows[i].given);
        free(world.rows[i].expected);
    }
    return failed;
}
