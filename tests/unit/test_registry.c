/* SPDX-License-Identifier: Apache-2.0 */
/* Registry, lists, notices, dates and domains: what they refuse, find and say. */
#include "policy/date.h"
#include "policy/domain.h"
#include "policy/lists.h"
#include "policy/notices.h"
#include "policy/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Registry. */

static const char good_key[] = "0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567";

static enum policy_status add(struct registry *registry, const char *domain, bool subdomains, const char *key,
                              struct refusal *refusal)
{
    const struct registry_entry entry = {
        .domain = domain, .subdomains = subdomains, .key_fingerprint = key, .max_level = 3};
    return registry_add(registry, &entry, refusal);
}

static void registry_finds_label_by_label(void **state)
{
    struct registry *registry = registry_new();
    assert_int_equal(add(registry, "A.gov.example.", false, good_key, NULL), POLICY_OK);
    assert_int_equal(add(registry, "b.gov.example", true, NULL, NULL), POLICY_OK);
    const struct {
        const char *domain, *entry;
    } rows[] = {
        {"a.gov.example", "a.gov.example"},
        {"x.a.gov.example", NULL},
        {"b.gov.example", "b.gov.example"},
        {"x.b.gov.example", "b.gov.example"},
        {"x.y.b.gov.example", "b.gov.example"},
        {"evilb.gov.example", NULL},
        {"gov.example", NULL},
        {"example", NULL},
        {"b.gov.example.evil.example", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct registry_entry *entry = registry_find(registry, rows[i].domain);
        if (!entry != !rows[i].entry || (entry && strcmp(entry->domain, rows[i].entry) != 0))
            fail_msg("%s: got %s", rows[i].domain, entry ? entry->domain : "nothing");
    }
    assert_string_equal(registry_get(registry, 0)->key_fingerprint,
                        "0123456789ABCDEF0123456789ABCDEF01234567");
    registry_free(registry);
}

static void registry_refuses(void **state)
{
    const struct {
        const char *domain;
        bool subdomains;
        const char *key, *says;
    } rows[] = {
        {"a.gov.example", false, NULL, "there twice"},
        {"A.GOV.example.", false, NULL, "there twice"},
        {"x.deep.gov.example", false, NULL, "already belongs to 'deep.gov.example'"},
        {"gov.example", true, NULL, "takes in 'a.gov.example'"},
        {"example", false, NULL, "not a mail domain"},
        {"", false, NULL, "not a mail domain"},
        {"a b.example", false, NULL, "'a' followed by a blank"},
        {"a\xc2\xa0"
         "b.example",
         false, NULL, "'a' followed by a no-break space"},
        {"\xd9\x88\xe2\x80\x8b.example", false, NULL, "followed by a zero-width space"},
        {"just\xd0\xb0.example", false, NULL, "(xn--just-83d.example) has Latin and Cyrillic letters"},
        {"XN--just-83D.example", false, NULL, "Latin and Cyrillic"},
        {"\xd0\xb0\xce\xb1.example", false, NULL, "Cyrillic and Greek"},
        {"[192.0.2.1]", false, NULL, "not a mail domain"},
        {"c.gov.example", false, "ABCD", "4 hexadecimal digits"},
        {"c.gov.example", false, "0123456789ABCDEF0123456789ABCDEF012345678", "more than 40"},
        {"c.gov.example", false, "0123456789ABCDEF\xc2\xa0", "byte 0xc2 (a no-break space?) at position 17"},
        {"c.gov.example", false, "", "0 hexadecimal digits"},
    };
    struct registry *registry = registry_new();
    assert_int_equal(add(registry, "a.gov.example", false, NULL, NULL), POLICY_OK);
    assert_int_equal(add(registry, "deep.gov.example", true, NULL, NULL), POLICY_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct refusal refusal = {0};
        enum policy_status status = add(registry, rows[i].domain, rows[i].subdomains, rows[i].key, &refusal);
        if (status != POLICY_REFUSED || !strstr(refusal.text, rows[i].says))
            fail_msg("row %zu: expected '%s', got %d '%s'", i, rows[i].says, (int)status, refusal.text);
    }
    struct refusal refusal = {0};
    struct registry_entry partner = {.kind = REGISTRY_PARTNER, .domain = "p.example", .reason = "contract"};
    assert_int_equal(registry_add(registry, &partner, &refusal), POLICY_REFUSED);
    assert_non_null(strstr(refusal.text, "no last day"));
    assert_int_equal(registry_count(registry), 2);
    registry_free(registry);
}

static void circles_are_levels_and_the_inquiry(void **state)
{
    const char *const circles[] = {"enquete", NULL}, *const none[] = {NULL};
    struct registry_entry in = {.max_level = 2, .circles = circles}, out = {.max_level = 2, .circles = none};
    assert_int_equal(registry_in_circle(&out, 2, CAVEAT_URGENT), FACT_YES);
    assert_int_equal(registry_in_circle(&out, 3, 0), FACT_NO);
    assert_int_equal(registry_in_circle(&out, 1, CAVEAT_ENQUETE), FACT_NO);
    assert_int_equal(registry_in_circle(&in, 1, CAVEAT_ENQUETE), FACT_YES);
    assert_int_equal(registry_in_circle(&in, 3, CAVEAT_ENQUETE), FACT_NO);
}

/* Lists. */

static void patterns_never_cross_a_dot(void **state)
{
    static const char text[] =
        "# comment\nGmail.com\tSA\n\nyahoo.*\nyahoo.co*.*\n*mail?.example\r\na?b.example\nlast.example";
    const struct {
        const char *domain;
        bool consumer;
    } rows[] = {
        {"gmail.com", true},          {"mail.gmail.com", true}, {"notgmail.com", false},
        {"gmail.com.example", false}, {"yahoo.fr", true},       {"x.yahoo.fr", true},
        {"yahoo.co.uk", true},        {"yahoo.com.ar", true},   {"yahoo.gov.example", false},
        {"yahoo.a.b.c", false},       {"myahoo.fr", false},     {"mail1.example", true},
        {"hotmail2.example", true},   {"mail.example", false},  {"mail12.example", false},
        {"ma.il1.example", false},    {"last.example", true},   {"com", false},
        {"axb.example", true},        {"a.b.example", false},
    };
    struct lists *lists = lists_new();
    assert_int_equal(lists_parse_consumer(lists, text, sizeof text - 1, NULL), POLICY_OK);
    assert_int_equal(lists_count_consumer(lists), 6);
    for (size_t i = 0; i < COUNT(rows); i++)
        if ((lists_find_consumer(lists, rows[i].domain) != NULL) != rows[i].consumer)
            fail_msg("%s: got %d", rows[i].domain, !rows[i].consumer);
    lists_free(lists);
}

static void lists_refuse(void **state)
{
    const struct {
        const char *text;
        size_t size;
        unsigned line;
    } rows[] = {
        {"a.example\nb c@d\n", 0, 2},
        {"*.*\n", 0, 1},
        {"*\n", 0, 1},
        {"nodot\n", 0, 1},
        {"a..b\n", 0, 1},
        {"x.*..y\n", 0, 1},
        {"a.b\0c\n", 6, 1},
        {"a_*.b!\n", 0, 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct lists *lists = lists_new();
        struct refusal refusal = {0};
        size_t size = rows[i].size ? rows[i].size : strlen(rows[i].text);
        enum policy_status status = lists_parse_consumer(lists, rows[i].text, size, &refusal);
        if (status != POLICY_REFUSED || refusal.line != rows[i].line)
            fail_msg("row %zu: got %d, line %u '%s'", i, (int)status, refusal.line, refusal.text);
        lists_free(lists);
    }
}

/* Notices. */

static void notices_fall_back_from_the_fine_to_the_plain(void **state)
{
    static const char fr[] =
        "[NO-KEY]\nwhat: pas de cle\nremedy: demandez\n[NO-KEY.expired]\nwhat: expiree\nremedy: renouvelez\n";
    static const char en[] = "[LEVEL]\nwhat: level {level}\nremedy: ask\n";
    struct notices *notices = notices_new();
    assert_int_equal(notices_parse(notices, "fr", fr, sizeof fr - 1, NULL), POLICY_OK);
    assert_int_equal(notices_parse(notices, "en", en, sizeof en - 1, NULL), POLICY_OK);
    assert_string_equal(notices_find(notices, "fr", "NO-KEY.expired")->what, "expiree");
    assert_string_equal(notices_find(notices, "fr", "NO-KEY.weak")->what, "pas de cle");
    assert_string_equal(notices_find(notices, "ar", "LEVEL")->remedy, "ask");
    assert_null(notices_find(notices, "fr", "CONSUMER"));
    assert_int_equal(notices_missing(notices, "en", REASON_NONE), REASON_RECIPIENT);
    notices_free(notices);
}

static void notices_refuse(void **state)
{
    const struct {
        const char *name, *text, *says;
        unsigned line;
    } rows[] = {
        {"accent", "[LEVEL]\nwhat: \xc3\xa9\n", "ASCII", 2},
        {"unknown key", "[WHIM]\n", "no reason", 1},
        {"unknown refinement", "[NO-KEY.usable]\n", "no reason", 1},
        {"unknown field", "[LEVEL]\nwhat: {adress}\n", "unknown field", 2},
        {"open brace", "[LEVEL]\nwhat: {address\n", "unknown field", 2},
        {"no remedy", "[LEVEL]\nwhat: x\n", "lacks 'remedy:'", 2},
        {"no remedy, another key", "[LEVEL]\nwhat: x\n[CIRCLE]\n", "lacks 'remedy:'", 3},
        {"twice", "[LEVEL]\nwhat: x\nremedy: y\n[LEVEL]\n", "there twice", 4},
        {"second what", "[LEVEL]\nwhat: x\nwhat: y\n", "second 'what:'", 3},
        {"before any key", "what: x\n", "neither", 1},
        {"empty", "[LEVEL]\nwhat:\n", "nothing stands", 2},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct notices *notices = notices_new();
        struct refusal refusal = {0};
        enum policy_status status =
            notices_parse(notices, "fr", rows[i].text, strlen(rows[i].text), &refusal);
        if (status != POLICY_REFUSED || refusal.line != rows[i].line || !strstr(refusal.text, rows[i].says))
            fail_msg("%s: got %d, line %u '%s'", rows[i].name, (int)status, refusal.line, refusal.text);
        notices_free(notices);
    }
}

static void rendering_keeps_strangers_bytes_harmless(void **state)
{
    const struct notice_fields fields = {.address = "a\r\n550 b%s\xc3\xa9@x", .domain = ""};
    char long_address[400], out[200], small[10];
    notices_render("to {address} at {domain} and {since}.", &fields, out, sizeof out);
    assert_string_equal(out, "to a??550 b%s??@x at - and -.");
    notices_render("to {address}", &fields, small, sizeof small);
    assert_string_equal(small, "to a??5..");
    memset(long_address, 'x', sizeof long_address - 1);
    long_address[sizeof long_address - 1] = '\0';
    notices_render("{address}!", &(struct notice_fields){.address = long_address}, out, sizeof out);
    assert_int_equal(strlen(out), NOTICE_FIELD_MAX + 1);
    assert_string_equal(out + NOTICE_FIELD_MAX - 2, "..!");
}

/* What a mail program or a delivery report shows of the shipped replies: each whole in one line, with what
 * happened and what to do, and no field left open. Technicians' English stands at the end, in brackets. */
static void check_shipped(const struct notices *notices, const char *language, const char *key)
{
    enum { SHOWN_MAX = 396 - sizeof " Reference KH-XXXX-XXXX (SEAL-BROKEN)" };
    const struct notice_fields fields = {.address = "directeur.des.ressources@finances.gov.example",
                                         .domain = "finances.gov.example",
                                         .class = "government",
                                         .suggestion = "finances.gov.example",
                                         .key = "0123456789ABCDEF0123456789ABCDEF01234567",
                                         .since = "2026-11-21",
                                         .level = "3 CONFIDENTIEL, ENQUETE",
                                         .size = "52428800",
                                         .limit = "52428800",
                                         .reference = "KH-XXXX-XXXX",
                                         .contact = "postmaster@finances.gov.example",
                                         .login = "agent@interieur.gov.example",
                                         .from = "chef.de.cabinet@interieur.gov.example",
                                         .envelope = "<agent@interieur.gov.example>",
                                         .why = "connection: TLSv1.1, below TLS 1.2"};
    char what[600], remedy[600];
    const struct notice *notice = notices_find(notices, language, key);
    notices_render(notice->what, &fields, what, sizeof what);
    notices_render(notice->remedy, &fields, remedy, sizeof remedy);
    size_t shown = strlen(what) + 1 + strlen(remedy);
    bool ends = what[strlen(what) - 1] == '.' && strchr(".)", remedy[strlen(remedy) - 1]);
    if (shown > SHOWN_MAX || !ends || strpbrk(what, "{}") || strpbrk(remedy, "{}"))
        fail_msg("%s %s: %zu bytes: '%s' '%s'", language, key, shown, what, remedy);
    if (strcmp(language, "fr") == 0 && strstr(what, "TLSv1.1, below"))
        fail_msg("%s %s: English in the sentence for everybody: '%s'", language, key, what);
}

static void shipped_replies_are_whole(void **state)
{
    static const char *const languages[] = {"fr", "en"};
    for (size_t i = 0; i < COUNT(languages); i++) {
        static char text[64 * 1024];
        char path[64], key[64];
        int n = 0;
        (void)snprintf(path, sizeof path, "policy/notices/%s/replies", languages[i]);
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        size_t size = fread(text, 1, sizeof text - 1, file);
        (void)fclose(file);
        text[size] = '\0';
        struct notices *notices = notices_new();
        assert_int_equal(notices_parse(notices, languages[i], text, size, NULL), POLICY_OK);
        for (const char *at = strstr(text, "\n["); at; at = strstr(at + 1, "\n["), n++) {
            assert_int_equal(sscanf(at, "\n[%63[^]]", key), 1);
            check_shipped(notices, languages[i], key);
        }
        assert_true(n > REASON_COUNT);
        notices_free(notices);
    }
}

/* Dates and domains. */

static void dates(void **state)
{
    const struct {
        const char *text;
        int64_t seconds; /* -1: refused */
    } rows[] = {
        {"1970-01-01", 0},
        {"2026-11-21", 1795219200},
        {"2000-02-29", 951782400},
        {"2100-03-01", 4107542400},
        {"9999-12-31", 253402214400},
        {"2100-02-29", -1},
        {"2026-13-01", -1},
        {"2026-00-10", -1},
        {"2026-04-31", -1},
        {"1969-12-31", -1},
        {"2026-1-01", -1},
        {"2026-11-21 ", -1},
        {"20261121", -1},
        {"", -1},
        {"2026-11-2x", -1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t seconds = -1;
        char back[DATE_ROOM];
        bool good = date_parse(rows[i].text, &seconds);
        if (good != (rows[i].seconds >= 0) || seconds != rows[i].seconds)
            fail_msg("%s: got %lld", rows[i].text, (long long)seconds);
        if (!good)
            continue;
        date_format(seconds + DAY_SECONDS - 1, back);
        assert_string_equal(back, rows[i].text);
    }
}

static void domains_are_compared_by_labels(void **state)
{
    char domain[DOMAIN_ROOM];
    assert_true(domain_canonical("MAIL.Gov.Example.", domain));
    assert_string_equal(domain, "mail.gov.example");
    assert_true(domain_canonical("LocalHost.", domain));
    assert_string_equal(domain, "localhost");
    assert_true(domain_is_within("a.gov.example", "gov.example"));
    assert_true(domain_is_within("gov.example", "gov.example"));
    assert_false(domain_is_within("evilgov.example", "gov.example"));
    assert_false(domain_is_within("example", "gov.example"));
    assert_false(domain_canonical("a..b", domain) || domain_canonical("", domain) ||
                 domain_canonical("1.2.3.4", domain));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(registry_finds_label_by_label),
    cmocka_unit_test(registry_refuses),
    cmocka_unit_test(circles_are_levels_and_the_inquiry),
    cmocka_unit_test(patterns_never_cross_a_dot),
    cmocka_unit_test(lists_refuse),
    cmocka_unit_test(notices_fall_back_from_the_fine_to_the_plain),
    cmocka_unit_test(notices_refuse),
    cmocka_unit_test(shipped_replies_are_whole),
    cmocka_unit_test(rendering_keeps_strangers_bytes_harmless),
    cmocka_unit_test(dates),
    cmocka_unit_test(domains_are_compared_by_labels),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
