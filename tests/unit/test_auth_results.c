/* SPDX-License-Identifier: Apache-2.0 */

/* Our own Authentication-Results field: what it says, and that a reader of RFC 8601 can take it apart. */

#include "sender/auth_results.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define NODE         "gw1.interieur.gov.example"
#define MINISTRY     "finances.gov.example"

static const struct spf_proof passed = {
    .verdict = SPF_PROOF_PASS, .domain = MINISTRY, .why = "mechanism ip4"};
static const struct dkim_proof good = {.counts = true,
                                       .why = "",
                                       .domain = MINISTRY,
                                       .selector = "s1",
                                       .algorithm = DKIM_ALGORITHM_RSA_SHA256,
                                       .bits = 2048,
                                       .signature_matches = true,
                                       .body_hash_matches = true};

static struct dkim_proof bad(const char *why, unsigned bits, bool signature, bool body)
{
    struct dkim_proof proof = good;
    proof.counts = false;
    proof.why = why;
    proof.bits = bits;
    proof.signature_matches = signature;
    proof.body_hash_matches = body;
    return proof;
}

/* The value as a reader sees it: folds taken out, which must leave one blank each. */
static void unfold(const char *value, char *out)
{
    for (; *value; value++)
        if (*value != '\n')
            *out++ = *value == '\t' ? ' ' : *value;
    *out = '\0';
}

/* RFC 8601, 2.2, as far as we use it. */
static void check_grammar(const char *unfolded)
{
    static const char grammar[] = "^ [a-z0-9.-]+(; (spf|dkim)=[a-z]+( reason=\"([^\"\\\\]|\\\\.)*\")?"
                                  "( (smtp|header|policy)\\.[a-z-]+=[A-Za-z0-9._-]+)*)+$";
    regex_t regex;
    assert_int_equal(regcomp(&regex, grammar, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&regex, unfolded, 0, NULL, 0) != 0)
        fail_msg("no RFC 8601 value: '%s'", unfolded);
    regfree(&regex);
}

static void check_lines(const char *value)
{
    size_t first = strlen(AUTH_RESULTS_NAME ":");
    for (size_t column = first; *value; value++) {
        column = *value == '\n' ? 0 : column + 1;
        assert_true(*value == '\n' || *value == '\t' || (*value >= ' ' && *value <= '~'));
        assert_true(*value != '\n' || value[1] == '\t');
        if (column > 78)
            fail_msg("a line is longer than 78 columns: %.30s", value);
    }
}

static void expect(const struct proofs *proofs, enum sender_class sender, const char *expected)
{
    char unfolded[20000];
    struct arena *arena = arena_new(0);
    const char *value = auth_results_compose(NODE, proofs, sender, NULL, arena);
    assert_non_null(value);
    unfold(value, unfolded);
    check_grammar(unfolded);
    check_lines(value);
    if (expected && strcmp(unfolded, expected) != 0)
        fail_msg("expected\n'%s', got\n'%s'", expected, unfolded);
    arena_free(arena);
}

static void what_is_said_of_spf(void **state)
{
    static const struct {
        struct spf_proof spf;
        const char *expected;
    } rows[] = {
        {{.verdict = SPF_PROOF_PASS, .helo = false, .domain = MINISTRY, .why = "x"},
         "spf=pass smtp.mailfrom=" MINISTRY},
        {{.verdict = SPF_PROOF_PASS, .helo = true, .domain = "mx.example", .why = "x"},
         "spf=pass smtp.helo=mx.example"},
        {{.verdict = SPF_PROOF_PASS, .everybody = true, .domain = "a.example", .why = "all"},
         "spf=policy reason=\"the policy lets every client send\" smtp.mailfrom=a.example"},
        {{.verdict = SPF_PROOF_NONE, .helo = false, .domain = "", .why = "MAIL FROM has no domain"},
         "spf=none reason=\"MAIL FROM has no domain\""},
        {{.verdict = SPF_PROOF_FAIL, .helo = false, .domain = "a.example", .why = "-all"},
         "spf=fail reason=\"-all\" smtp.mailfrom=a.example"},
        {{.verdict = SPF_PROOF_SOFTFAIL, .helo = false, .domain = "a.example", .why = ""},
         "spf=softfail smtp.mailfrom=a.example"},
        {{.verdict = SPF_PROOF_NEUTRAL, .helo = false, .domain = "a.example", .why = ""},
         "spf=neutral smtp.mailfrom=a.example"},
        {{.verdict = SPF_PROOF_TEMPERROR, .helo = false, .domain = "a.example", .why = ""},
         "spf=temperror smtp.mailfrom=a.example"},
        {{.verdict = SPF_PROOF_PERMERROR, .helo = false, .domain = "a.example", .why = "\"\\;(\x01"},
         "spf=permerror reason=\"\\\"\\\\;(?\" smtp.mailfrom=a.example"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char expected[600];
        struct proofs proofs = {.spf = rows[i].spf, .try_later_why = ""};
        (void)snprintf(expected, sizeof expected, " " NODE "; %s policy.khatm-sender=claimed; dkim=none",
                       rows[i].expected);
        expect(&proofs, SENDER_CLAIMED, expected);
    }
}

static void what_is_said_of_dkim(void **state)
{
    struct dkim_proof later = bad("its key could not be asked for", 0, false, false);
    struct dkim_proof test_key = bad("its key is in test mode", 0, false, false);
    struct dkim_proof old = bad("its algorithm is rsa-sha1", 0, false, false);
    struct dkim_proof nameless = {.why = "its tags cannot be read", .domain = "", .selector = ""};
    struct dkim_proof curve = good;
    later.try_later = true;
    test_key.test_key = true;
    old.algorithm = DKIM_ALGORITHM_OTHER;
    old.domain = MINISTRY;
    nameless.algorithm = DKIM_ALGORITHM_RSA_SHA256;
    curve.algorithm = DKIM_ALGORITHM_ED25519_SHA256;
    const struct {
        struct dkim_proof proof;
        const char *expected;
    } rows[] = {
        {good, "pass header.d=" MINISTRY " header.s=s1 header.a=rsa-sha256"},
        {curve, "pass header.d=" MINISTRY " header.s=s1 header.a=ed25519-sha256"},
        {bad("the body is not the one that was signed", 2048, true, false),
         "fail reason=\"the body is not the one that was signed\" header.d=" MINISTRY
         " header.s=s1 header.a=rsa-sha256"},
        {bad("it does not match the header fields", 2048, false, false),
         "fail reason=\"it does not match the header fields\" header.d=" MINISTRY
         " header.s=s1 header.a=rsa-sha256"},
        {bad("Content-Type is not signed", 2048, true, true),
         "policy reason=\"Content-Type is not signed\" header.d=" MINISTRY
         " header.s=s1 header.a=rsa-sha256"},
        {bad("it has expired", 0, false, false),
         "neutral reason=\"it has expired\" header.d=" MINISTRY " header.s=s1 header.a=rsa-sha256"},
        {later, "temperror reason=\"its key could not be asked for\" header.d=" MINISTRY
                " header.s=s1 header.a=rsa-sha256"},
        {test_key,
         "policy reason=\"its key is in test mode\" header.d=" MINISTRY " header.s=s1 header.a=rsa-sha256"},
        {old, "policy reason=\"its algorithm is rsa-sha1\" header.d=" MINISTRY " header.s=s1"},
        {nameless, "neutral reason=\"its tags cannot be read\" header.a=rsa-sha256"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char expected[600];
        struct proofs proofs = {.spf = passed, .signatures = &rows[i].proof, .n_signatures = 1};
        (void)snprintf(expected, sizeof expected,
                       " " NODE "; spf=pass smtp.mailfrom=" MINISTRY
                       " policy.khatm-sender=government; dkim=%s",
                       rows[i].expected);
        expect(&proofs, SENDER_GOVERNMENT, expected);
    }
}

static size_t occurrences(const char *text, const char *of)
{
    size_t n = 0;
    for (text = strstr(text, of); text; text = strstr(text + 1, of))
        n++;
    return n;
}

static void signatures_that_count_come_first(void **state)
{
    struct dkim_proof signatures[PROOF_SIGNATURES_MAX];
    struct proofs proofs = {.spf = passed, .signatures = signatures, .n_signatures = PROOF_SIGNATURES_MAX};
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < PROOF_SIGNATURES_MAX; i++)
        signatures[i] = bad("it has expired", 0, false, false);
    signatures[PROOF_SIGNATURES_MAX - 1] = good;
    const char *value = auth_results_compose(NODE, &proofs, SENDER_GOVERNMENT, NULL, arena);
    assert_non_null(value);
    assert_int_equal(occurrences(value, "dkim="), AUTH_RESULTS_SIGNATURES_MAX);
    assert_true(strstr(value, "dkim=pass") < strstr(value, "dkim=neutral"));
    expect(&proofs, SENDER_GOVERNMENT, NULL);
    arena_free(arena);
}

static void long_reasons_are_folded_and_cut(void **state)
{
    char words[400], solid[401], name[254];
    for (size_t i = 0; i < sizeof words - 1; i++)
        words[i] = i % 9 == 8 ? ' ' : '"';
    words[sizeof words - 1] = '\0';
    memset(solid, 'x', sizeof solid - 1);
    solid[sizeof solid - 1] = '\0';
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct dkim_proof signature = bad(words, 0, false, false);
    struct proofs proofs = {.spf = {.verdict = SPF_PROOF_FAIL, .domain = "a.example", .why = words},
                            .signatures = &signature,
                            .n_signatures = 1};
    expect(&proofs, SENDER_OUTSIDER, NULL);
    /* What cannot be folded stays whole. */
    signature = bad(solid, 0, false, false);
    signature.domain = name;
    struct arena *arena = arena_new(0);
    const char *value = auth_results_compose(NODE, &proofs, SENDER_OUTSIDER, NULL, arena);
    assert_non_null(strstr(value, name));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_of_spf),
        cmocka_unit_test(what_is_said_of_dkim),
        cmocka_unit_test(signatures_that_count_come_first),
        cmocka_unit_test(long_reasons_are_folded_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
