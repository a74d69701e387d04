/* SPDX-License-Identifier: Apache-2.0 */

/* From, envelope, entry and proofs: who is government, and what else is lacking. One row a case. */

#include "policy/lists.h"
#include "policy/names.h"
#include "policy/registry.h"
#include "sender/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct attach_settings inbound = {.daemon_name = "khatm-inbound", .role = ROLE_INBOUND};
static const char *const local_domains[] = {"interieur.gov.example", "antenne.example", NULL};
static const char *const nothing[] = {NULL};

#define ENTRY(name, ...)                                                                                     \
    {                                                                                                        \
        .domain = name, .max_level = 3, .circles = nothing, __VA_ARGS__                                      \
    }
static const struct registry_entry entries[] = {
    ENTRY("interieur.gov.example", .proof = PROOF_DKIM),
    ENTRY("dkim.gov.example", .proof = PROOF_DKIM),
    ENTRY("spf.gov.example", .proof = PROOF_SPF),
    ENTRY("both.gov.example", .proof = PROOF_BOTH),
    ENTRY("either.gov.example", .proof = PROOF_EITHER),
    ENTRY("wide.gov.example", .proof = PROOF_EITHER, .subdomains = true, .must_seal = true),
    ENTRY("strict.gov.example", .proof = PROOF_BOTH, .subdomains = true, .strict = true),
    ENTRY("signed.gov.example", .proof = PROOF_EITHER, .dnssec = true),
    ENTRY("ancien.example", .kind = REGISTRY_PARTNER, .reason = "r", .expires = 1000, .proof = PROOF_DKIM),
};

/* A signature in short: what is not said is as it should be. */
enum { COUNTS, UNFIT, BROKEN, LATER };
struct sig {
    const char *domain;
    int how;
    enum proof_dnssec dnssec;
};

struct row {
    const char *name, *from, *envelope;
    enum spf_verdict spf;
    const char *spf_domain; /* NULL: the envelope's */
    struct sig sigs[2];
    enum sender_class class;
    enum sender_lack lacks;
    bool unknown;
    enum proof_dnssec spf_dnssec;
};

#define PASS          SPF_PROOF_PASS
#define FAIL          SPF_PROOF_FAIL
#define NONE          SPF_PROOF_NONE
#define YES           SENDER_GOVERNMENT, LACK_NOTHING, false, 0
#define NO(lack)      SENDER_CLAIMED, LACK_##lack, false, 0
#define PERHAPS(lack) SENDER_CLAIMED, LACK_##lack, true, 0
#define OUTSIDER      SENDER_OUTSIDER, LACK_NOTHING, false, 0
#define ONE(d)                                                                                               \
    {                                                                                                        \
        {                                                                                                    \
            d, COUNTS, 0                                                                                     \
        }                                                                                                    \
    }

static const struct row rows[] = {
    {"dkim: signed", "a@dkim.gov.example", "a@dkim.gov.example", FAIL, NULL, ONE("dkim.gov.example"), YES},
    {"dkim: SPF is not enough", "a@dkim.gov.example", "a@dkim.gov.example", PASS, NULL, {{0}}, NO(DKIM)},
    {"dkim: broken",
     "a@dkim.gov.example",
     "a@dkim.gov.example",
     PASS,
     NULL,
     {{"dkim.gov.example", BROKEN, 0}},
     NO(DKIM)},
    {"dkim: right, may not count",
     "a@dkim.gov.example",
     "a@dkim.gov.example",
     PASS,
     NULL,
     {{"dkim.gov.example", UNFIT, 0}},
     NO(DKIM_UNFIT)},
    {"dkim: another ministry's", "a@dkim.gov.example", "a@dkim.gov.example", PASS, NULL,
     ONE("both.gov.example"), NO(DKIM_OTHER)},
    {"dkim: the parent's", "a@dkim.gov.example", "a@dkim.gov.example", PASS, NULL, ONE("gov.example"),
     NO(DKIM_OTHER)},
    {"dkim: a subdomain's", "a@dkim.gov.example", "a@dkim.gov.example", PASS, NULL, ONE("m.dkim.gov.example"),
     NO(DKIM_OTHER)},
    {"dkim: one that only ends alike", "a@dkim.gov.example", "a@dkim.gov.example", PASS, NULL,
     ONE("evildkim.gov.example"), NO(DKIM_OTHER)},
    {"dkim: one broken, one good",
     "a@dkim.gov.example",
     "a@dkim.gov.example",
     FAIL,
     NULL,
     {{"dkim.gov.example", BROKEN, 0}, {"dkim.gov.example", COUNTS, 0}},
     YES},
    {"dkim: one good, one foreign",
     "a@dkim.gov.example",
     "a@dkim.gov.example",
     FAIL,
     NULL,
     {{"gmail.com", COUNTS, 0}, {"dkim.gov.example", COUNTS, 0}},
     YES},
    {"dkim: the key cannot be asked for",
     "a@dkim.gov.example",
     "a@dkim.gov.example",
     PASS,
     NULL,
     {{"dkim.gov.example", LATER, 0}},
     PERHAPS(DKIM)},
    {"dkim: somebody else's key cannot",
     "a@dkim.gov.example",
     "a@dkim.gov.example",
     PASS,
     NULL,
     {{"gmail.com", LATER, 0}},
     NO(DKIM)},
    {"dkim: good beside one that cannot",
     "a@dkim.gov.example",
     "a@dkim.gov.example",
     PASS,
     NULL,
     {{"dkim.gov.example", LATER, 0}, {"dkim.gov.example", COUNTS, 0}},
     YES},
    {"dkim: SPF trouble is nothing to it",
     "a@dkim.gov.example",
     "a@dkim.gov.example",
     SPF_PROOF_TEMPERROR,
     NULL,
     {{0}},
     NO(DKIM)},
    {"dkim: null sender", "a@dkim.gov.example", "", NONE, NULL, ONE("dkim.gov.example"), YES},
    {"dkim: upper case", "A@DKIM.Gov.Example.", "a@dkim.gov.example", NONE, NULL, ONE("dkim.gov.example"),
     YES},

    {"spf: pass", "a@spf.gov.example", "b@spf.gov.example", PASS, NULL, {{0}}, YES},
    {"spf: fail", "a@spf.gov.example", "a@spf.gov.example", FAIL, NULL, ONE("spf.gov.example"), NO(SPF)},
    {"spf: softfail", "a@spf.gov.example", "a@spf.gov.example", SPF_PROOF_SOFTFAIL, NULL, {{0}}, NO(SPF)},
    {"spf: neutral", "a@spf.gov.example", "a@spf.gov.example", SPF_PROOF_NEUTRAL, NULL, {{0}}, NO(SPF)},
    {"spf: none", "a@spf.gov.example", "a@spf.gov.example", NONE, NULL, {{0}}, NO(SPF)},
    {"spf: permerror",
     "a@spf.gov.example",
     "a@spf.gov.example",
     SPF_PROOF_PERMERROR,
     NULL,
     {{0}},
     NO(SPF_ERROR)},
    {"spf: temperror",
     "a@spf.gov.example",
     "a@spf.gov.example",
     SPF_PROOF_TEMPERROR,
     NULL,
     {{0}},
     PERHAPS(SPF)},
    {"spf: HELO alone", "a@spf.gov.example", "", PASS, "spf.gov.example", {{0}}, NO(SPF)},
    {"spf: passes for the envelope of another ministry",
     "a@spf.gov.example",
     "a@both.gov.example",
     PASS,
     NULL,
     {{0}},
     NO(ENVELOPE)},

    {"both", "a@both.gov.example", "a@both.gov.example", PASS, NULL, ONE("both.gov.example"), YES},
    {"both: no signature", "a@both.gov.example", "a@both.gov.example", PASS, NULL, {{0}}, NO(DKIM)},
    {"both: no SPF", "a@both.gov.example", "a@both.gov.example", FAIL, NULL, ONE("both.gov.example"),
     NO(SPF)},
    {"both: neither", "a@both.gov.example", "a@both.gov.example", FAIL, NULL, {{0}}, NO(PROOFS)},
    {"both: foreign signature, SPF", "a@both.gov.example", "a@both.gov.example", PASS, NULL, ONE("gmail.com"),
     NO(DKIM_OTHER)},
    {"both: signed, SPF trouble", "a@both.gov.example", "a@both.gov.example", SPF_PROOF_TEMPERROR, NULL,
     ONE("both.gov.example"), PERHAPS(PROOFS)},
    {"both: not signed, SPF trouble",
     "a@both.gov.example",
     "a@both.gov.example",
     SPF_PROOF_TEMPERROR,
     NULL,
     {{0}},
     NO(DKIM)},
    {"both: null sender", "a@both.gov.example", "", PASS, "mx.both.gov.example", ONE("both.gov.example"),
     NO(SPF)},

    {"either: signed", "a@either.gov.example", "a@either.gov.example", FAIL, NULL, ONE("either.gov.example"),
     YES},
    {"either: SPF", "a@either.gov.example", "a@either.gov.example", PASS, NULL, {{0}}, YES},
    {"either: neither", "a@either.gov.example", "a@either.gov.example", FAIL, NULL, {{0}}, NO(PROOFS)},
    {"either: SPF trouble",
     "a@either.gov.example",
     "a@either.gov.example",
     SPF_PROOF_TEMPERROR,
     NULL,
     {{0}},
     PERHAPS(PROOFS)},
    {"either: SPF, key trouble",
     "a@either.gov.example",
     "a@either.gov.example",
     PASS,
     NULL,
     {{"either.gov.example", LATER, 0}},
     YES},

    {"subdomain: From below", "a@m.wide.gov.example", "a@wide.gov.example", FAIL, NULL,
     ONE("wide.gov.example"), YES},
    {"subdomain: signature below", "a@wide.gov.example", "a@wide.gov.example", FAIL, NULL,
     ONE("m.wide.gov.example"), YES},
    {"subdomain: SPF of a sibling is not From",
     "a@m.wide.gov.example",
     "a@wide.gov.example",
     PASS,
     NULL,
     {{0}},
     NO(PROOFS)},
    {"subdomain: not of this entry", "a@m.dkim.gov.example", "a@m.dkim.gov.example", PASS, NULL,
     ONE("m.dkim.gov.example"), OUTSIDER},
    {"strict: the same", "a@strict.gov.example", "a@strict.gov.example", PASS, NULL,
     ONE("strict.gov.example"), YES},
    {"strict: signature below", "a@strict.gov.example", "a@strict.gov.example", PASS, NULL,
     ONE("m.strict.gov.example"), NO(DKIM_OTHER)},
    {"strict: envelope below", "a@strict.gov.example", "a@m.strict.gov.example", PASS, NULL,
     ONE("strict.gov.example"), NO(ENVELOPE)},
    {"dnssec: signed zone",
     "a@signed.gov.example",
     "a@signed.gov.example",
     FAIL,
     NULL,
     {{"signed.gov.example", COUNTS, PROOF_DNSSEC_SECURE}},
     YES},
    {"dnssec: SPF in a signed zone",
     "a@signed.gov.example",
     "a@signed.gov.example",
     PASS,
     NULL,
     {{0}},
     SENDER_GOVERNMENT,
     LACK_NOTHING,
     false,
     PROOF_DNSSEC_SECURE},
    {"dnssec: neither signed",
     "a@signed.gov.example",
     "a@signed.gov.example",
     PASS,
     NULL,
     {{"signed.gov.example", COUNTS, PROOF_DNSSEC_INSECURE}},
     SENDER_CLAIMED,
     LACK_PROOFS,
     false,
     PROOF_DNSSEC_INSECURE},
    {"dnssec: not validated here",
     "a@signed.gov.example",
     "a@signed.gov.example",
     PASS,
     NULL,
     {{"signed.gov.example", COUNTS, 0}},
     NO(PROOFS)},

    {"envelope elsewhere", "a@dkim.gov.example", "x@gmail.com", PASS, NULL, ONE("dkim.gov.example"),
     NO(ENVELOPE)},
    {"a ministry in the route of an envelope", "a@dkim.gov.example",
     "@dkim.gov.example,@a.example:x@gmail.com", PASS, NULL, ONE("dkim.gov.example"), NO(ENVELOPE)},
    {"a ministry before a parenthesis", "a@dkim.gov.example", "x@dkim.gov.example(.gmail.com", PASS, NULL,
     ONE("dkim.gov.example"), NO(ENVELOPE)},
    {"a ministry's envelope with a plus", "a@dkim.gov.example", "b+x=gmail.com@dkim.gov.example", PASS, NULL,
     ONE("dkim.gov.example"), YES},
    {"our own name, proved", "a@interieur.gov.example", "a@interieur.gov.example", FAIL, NULL,
     ONE("interieur.gov.example"), YES},
    {"our own name, not proved",
     "a@interieur.gov.example",
     "a@interieur.gov.example",
     PASS,
     NULL,
     {{0}},
     NO(DKIM)},
    {"our own name, not in the registry", "a@antenne.example", "a@antenne.example", PASS, NULL,
     ONE("antenne.example"), NO(ENTRY)},
    {"expired partner, proved", "a@ancien.example", "a@ancien.example", PASS, NULL, ONE("ancien.example"),
     OUTSIDER},
    {"expired partner, not proved", "a@ancien.example", "a@ancien.example", PASS, NULL, {{0}}, NO(DKIM)},

    {"a citizen", "x@gmail.com", "x@gmail.com", FAIL, NULL, {{"gmail.com", LATER, 0}}, OUTSIDER},
    {"a citizen without From", NULL, "x@gmail.com", FAIL, NULL, {{0}}, OUTSIDER},
    {"a citizen's bounce", "x@gmail.com", "", NONE, NULL, {{0}}, SENDER_NULL, LACK_NOTHING, false, 0},
    {"a citizen on a ministry's list",
     "x@gmail.com",
     "list-bounces@either.gov.example",
     PASS,
     NULL,
     {{0}},
     OUTSIDER},
    {"a citizen on a ministry's list, signed by it", "x@gmail.com", "list-bounces@dkim.gov.example", NONE,
     NULL, ONE("dkim.gov.example"), OUTSIDER},
    {"a forged ministry's envelope", "x@gmail.com", "a@either.gov.example", FAIL, NULL, ONE("gmail.com"),
     NO(PROOFS)},
    {"a ministry's envelope without From", NULL, "a@either.gov.example", PASS, NULL, {{0}}, NO(FROM)},
    {"an address with two @", "x@gmail.com@dkim.gov.example", "x@gmail.com", PASS, NULL, {{0}}, NO(FROM)},
    {"a source route", "@dkim.gov.example:x@gmail.com", "x@gmail.com", PASS, NULL, {{0}}, NO(FROM)},
    {"a quoted local part", "\"a@b\"@dkim.gov.example", "a@dkim.gov.example", PASS, NULL,
     ONE("dkim.gov.example"), NO(FROM)},
    {"a suffix is no ministry", "a@dkim.gov.example.attacker.example", "a@dkim.gov.example.attacker.example",
     PASS, NULL, ONE("dkim.gov.example.attacker.example"), OUTSIDER},
};

static struct config config;

static const char *domain_of(const char *address)
{
    const char *at = strrchr(address, '@');
    return at ? at + 1 : "";
}

static void fill(const struct row *row, struct dkim_proof signatures[2], struct proofs *proofs)
{
    size_t n = 0;
    for (; n < 2 && row->sigs[n].domain; n++) {
        const struct sig *sig = &row->sigs[n];
        bool right = sig->how == COUNTS || sig->how == UNFIT;
        signatures[n] = (struct dkim_proof){.counts = sig->how == COUNTS,
                                            .try_later = sig->how == LATER,
                                            .why = sig->how == COUNTS ? "" : "for a reason",
                                            .domain = sig->domain,
                                            .selector = "s",
                                            .signature_matches = right,
                                            .body_hash_matches = right,
                                            .dnssec = sig->dnssec};
        proofs->try_later |= sig->how == LATER;
    }
    bool helo = !*row->envelope;
    proofs->signatures = signatures;
    proofs->n_signatures = n;
    proofs->spf = (struct spf_proof){.verdict = row->spf,
                                     .helo = helo,
                                     .domain = row->spf_domain ? row->spf_domain : domain_of(row->envelope),
                                     .dnssec = row->spf_dnssec,
                                     .why = "for a reason"};
    proofs->try_later |= row->spf == SPF_PROOF_TEMPERROR;
    proofs->try_later_why = "trouble";
}

static void judge(const struct row *row, const struct proofs *proofs, struct arena *arena,
                  struct sender_facts *facts)
{
    const char *const from[] = {row->from};
    const struct identity_input input = {.config = &config,
                                         .attach = &inbound,
                                         .client_address = "192.0.2.7",
                                         .envelope_from = row->envelope,
                                         .from = from,
                                         .n_from = row->from ? 1 : 0,
                                         .now = 1795000000,
                                         .proofs = proofs};
    assert_int_equal(identity_of(&input, arena, facts), RESULT_OK);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct arena *arena = arena_new(0);
        struct dkim_proof signatures[2];
        struct proofs proofs = {0};
        struct sender_facts facts;
        fill(row, signatures, &proofs);
        judge(row, &proofs, arena, &facts);
        if (facts.class != row->class || facts.lacks != row->lacks || facts.proof_unknown != row->unknown)
            fail_msg("%s: %s, lacks %s%s: %s", row->name, sender_class_name(facts.class),
                     sender_lack_name(facts.lacks), facts.proof_unknown ? ", unknown" : "", facts.why);
        assert_non_null(facts.why);
        arena_free(arena);
    }
}

/* Trouble that belongs to no signature and not to SPF leaves nothing certain but what passed. */
static void test_trouble_without_an_owner(void **state)
{
    (void)state;
    const struct row row = {.from = "a@dkim.gov.example", .envelope = "a@dkim.gov.example", .spf = FAIL};
    struct arena *arena = arena_new(0);
    struct dkim_proof signatures[2];
    struct proofs proofs = {0};
    struct sender_facts facts;
    fill(&row, signatures, &proofs);
    proofs.try_later = true;
    judge(&row, &proofs, arena, &facts);
    assert_true(facts.class == SENDER_CLAIMED && facts.proof_unknown);
    arena_free(arena);
}

/* Whose mail waits for DNS. */
static void test_who_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *from[2], *envelope;
        bool odd;
        const char *wanted;
    } asked[] = {
        {{"a@dkim.gov.example"}, "a@dkim.gov.example", false, "dkim.gov.example"},
        {{"a@interieur.gov.example"}, "x@gmail.com", false, NULL},
        {{"x@gmail.com"}, "list@either.gov.example", false, "either.gov.example"},
        {{"x@gmail.com"}, "x@gmail.com", false, NULL},
        {{NULL}, "x@gmail.com", false, NULL},
        {{"a@antenne.example"}, "a@antenne.example", false, NULL},
        {{"a@dkim.gov.example", "x@gmail.com"}, "a@dkim.gov.example", false, NULL},
        {{"a@dkim.gov.example"}, "a@dkim.gov.example", true, NULL},
    };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct identity_input input = {.config = &config,
                                       .attach = &inbound,
                                       .envelope_from = asked[i].envelope,
                                       .from = asked[i].from,
                                       .from_odd = asked[i].odd,
                                       .now = 1795000000};
        while (input.n_from < 2 && asked[i].from[input.n_from])
            input.n_from++;
        const char *domain = identity_to_prove(&input);
        if (domain ? !asked[i].wanted || strcmp(domain, asked[i].wanted) != 0 : asked[i].wanted != NULL)
            fail_msg("row %zu: %s", i, domain ? domain : "none");
    }
}

static int make_world(void **state)
{
    (void)state;
    struct registry *registry = registry_new();
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        assert_int_equal(registry_add(registry, &entries[i], NULL), POLICY_OK);
    config.local_domains = local_domains;
    config.registry = registry;
    config.lists = lists_new();
    return 0;
}

static int free_world(void **state)
{
    (void)state;
    registry_free((struct registry *)(uintptr_t)config.registry);
    lists_free((struct lists *)(uintptr_t)config.lists);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_trouble_without_an_owner),
        cmocka_unit_test(test_who_is_asked_for),
    };
    return cmocka_run_group_tests(tests, make_world, free_world);
}
