/* SPDX-License-Identifier: Apache-2.0 */

/* Which header fields from outside would be taken for ours, and which are honest. */

#include "sender/forged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define NODE         "gw1.interieur.gov.example"

static const struct row {
    bool ours;
    const char *value;
} rows[] = {
    {true, " " NODE "; spf=pass smtp.mailfrom=a.example"},
    {true, NODE ";spf=pass"},
    {true, " GW1.Interieur.GOV.Example; spf=pass"},
    {true, " " NODE ".; spf=pass"},
    {true, " " NODE "..; spf=pass"},
    {true, " ." NODE "; spf=pass"},
    {true, " " NODE " 1; spf=pass"},
    {true, " " NODE " 99 ; spf=pass"},
    {true, " " NODE "/1; spf=pass"},
    {true, " " NODE "1; spf=pass"},
    {true, " " NODE "; none"},
    {true, " " NODE},
    {true, " " NODE " spf=pass smtp.mailfrom=a.example"},
    {true, " " NODE ", spf=pass"},
    {true, " " NODE ": spf=pass"},
    {true, " " NODE "\tspf=pass"},
    {true, "\r\n\t" NODE ";\r\n\tspf=pass"},
    {true, "\n " NODE "\n ;\n spf=pass"},
    {true, " (comment) " NODE " (another); spf=pass"},
    {true, " (a;b) " NODE "; spf=pass"},
    {true, " (a \\) b; c) " NODE "; spf=pass"},
    {true, " (a (b; c) d) " NODE "; spf=pass"},
    {true, "(" NODE "); spf=pass"},
    {true, " gw1(x).interieur(y).gov.example; spf=pass"},
    {true, " gw1(;).interieur.gov.example; spf=pass"},
    {true, " gw1.interieur.\r\n gov.example; spf=pass"},
    {true, " gw1 . interieur . gov . example; spf=pass"},
    {true, " \"" NODE "\"; spf=pass"},
    {true, " \"" NODE ";x\"; spf=pass"},
    {true, " \"gw1\\.interieur.gov.example\"; spf=pass"},
    {true, " \"gw1\\.interieur.gov.example\"a; spf=pass"}, /* letters behind the quoted name */
    {true, " \"gw1\".\"interieur\".gov.example; spf=pass"},
    {true, " \"gw1.interieur.gov.example; spf=pass"},
    {true, " \"x; " NODE "; spf=pass"},
    {true, " (never closed; " NODE "; spf=pass"},
    {true, " gw1.\x01interieur.gov.example; spf=pass"},
    {true, " \x7f" NODE "; spf=pass"},
    {true, " gw1.inter\xe2\x80\x8bieur.gov.example; spf=pass"}, /* zero width space */
    {true, " \xef\xbb\xbf" NODE "; spf=pass"},                  /* byte order mark */
    {true, " gw1.interieur.gov.exam\xc2\xadple; spf=pass"},     /* soft hyphen */
    {true, " \xef\xbd\x87w1.interieur.gov.example; spf=pass"},  /* fullwidth g */
    {true, " gw1\xe3\x80\x82interieur.gov.example; spf=pass"},  /* ideographic full stop */
    {true, " gw1.interieur.gov.example\xa0; spf=pass"},         /* Latin-1 no-break space */
    {true, " =?us-ascii?q?gw1=2Einterieur=2Egov=2Eexample?=; spf=pass"},
    {true, " mx.other.example (asked by " NODE "); spf=pass"},
    {true, " mx.other.example " NODE "; spf=pass"},
    {true, " <" NODE ">; spf=pass"},
    {true, " [" NODE "]; spf=pass"},
    {true, " spf=pass smtp.mailfrom=" NODE "; dkim=none"},

    {false, " mx.other.example; spf=pass smtp.mailfrom=a.example"},
    {false, " mx.other.example; spf=pass smtp.mailfrom=" NODE},
    {false, " \"mx\\.other.example\"a; spf=pass"},
    {false, " mx.other.example 1; dkim=pass header.d=" NODE},
    {false, " mx.other.example (Postfix; hello); dkim=pass"},
    {false, " \"mx.other.example\"; spf=pass"},
    {false, " gw2.interieur.gov.example; spf=pass"},
    {false, " interieur.gov.example; spf=pass"},
    {false, " x" NODE "; spf=pass"},
    {false, " x-" NODE "; spf=pass"},
    {false, " mx." NODE "; spf=pass"},
    {false, " " NODE ".attacker.example; spf=pass"},
    {false, " " NODE "-x.example; spf=pass"},
    {false, " gw1.interieur.gov; spf=pass"},
    {false, " gw1.int\xc3\xa9rieur.gov.example; spf=pass"}, /* an honest U-label of another name */
    {false, " mx.other.example (v\xc3\xa9rifi\xc3\xa9 par nous); spf=pass"},
    {true, " mx.other.example (v\xe9rifi\xe9); spf=pass"}, /* in no charset that we know */
    {false, " spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dkim=none"},
    {false, " i=1; mx.other.example; spf=pass"},
    {false, " ; spf=pass"},
    {false, ""},
    {false, " none"},
    {false, " mx.other.example; spf=pass (=?us-ascii?q?x?=)"},
};

static void an_id_is_ours_or_not(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (forged_claims_us("Authentication-Results", rows[i].value, NODE) != rows[i].ours)
            fail_msg("'%s': expected %s", rows[i].value, rows[i].ours ? "ours" : "not ours");
}

static void names_in_letters_of_their_own(void **state)
{
    static const struct row table[] = {
        {true, " gw1.\xd8\xa7\xd9\x84\xd9\x85\xd8\xba\xd8\xb1\xd8\xa8.example; spf=pass"},
        {true, " gw1.xn--mgbc0a9azcg.example; spf=pass"},
        {true, " GW1.XN--MGBC0A9AZCG.example.; spf=pass"},
        {false, " gw1.\xd9\x85\xd8\xb5\xd8\xb1.example; spf=pass"},
    };
    for (size_t i = 0; i < COUNT(table); i++)
        if (forged_claims_us("Authentication-Results", table[i].value, "gw1.xn--mgbc0a9azcg.example") !=
            table[i].ours)
            fail_msg("'%s': expected %s", table[i].value, table[i].ours ? "ours" : "not ours");
}

static void names_of_fields(void **state)
{
    static const struct {
        bool ours;
        const char *name;
    } table[] = {
        {true, "Authentication-Results"},
        {true, "authentication-RESULTS"},
        {true, "Authentication-Results "},
        {true, "Authentication-Results\t"},
        {true, "X-Khatm-Reference"},
        {true, "x-khatm-sender"},
        {true, "Khatm-Ticket"},
        {true, "X-KHATM-"},
        {false, "X-Khatmium"},
        {false, "Authentication-Results-Original"},
        {false, "X-Authentication-Results"},
        {false, "ARC-Authentication-Results"},
        {false, "Original-Authentication-Results"},
        {false, "Subject"},
        {false, "Received-SPF"},
        {false, ""},
    };
    for (size_t i = 0; i < COUNT(table); i++)
        if (forged_claims_us(table[i].name, " " NODE "; spf=pass", NODE) != table[i].ours)
            fail_msg("'%s': expected %s", table[i].name, table[i].ours ? "ours" : "not ours");
}

static void long_values_are_read(void **state)
{
    enum { SIZE = 200000 };
    char *value = malloc(SIZE + 1);
    static const char fill[] = {'(', 'a', ' ', '"', '\\', '.', ';'};
    assert_non_null(value);
    for (size_t i = 0; i < sizeof fill; i++) {
        memset(value, fill[i], SIZE);
        value[SIZE] = '\0';
        (void)forged_claims_us("Authentication-Results", value, NODE);
        memcpy(value, " " NODE ";", strlen(" " NODE ";"));
        assert_true(forged_claims_us("Authentication-Results", value, NODE));
    }
    free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_ours_or_not),
        cmocka_unit_test(names_in_letters_of_their_own),
        cmocka_unit_test(names_of_fields),
        cmocka_unit_test(long_values_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
