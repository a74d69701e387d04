/* SPDX-License-Identifier: Apache-2.0 */
/* Which names mix scripts, and what cannot be seen in a text. */
#include "policy/domain.h"
#include "policy/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static void mixtures(void **state)
{
    const struct {
        const char *name, *domain, *first, *second; /* first: NULL: no mixture */
    } rows[] = {
        {"plain", "interieur.gov.example", NULL, NULL},
        {"digits and hyphens", "a-1.example", NULL, NULL},
        {"accents", "int\u00e9rieur.example", NULL, NULL},
        {"Arabic", "\u0648\u0632\u0627\u0631\u0629.example", NULL, NULL},
        {"Arabic with its digits", "\u0648\u0632\u0661.example", NULL, NULL},
        {"Arabic and hyphen", "\u0648\u0632-\u0627\u0631\u0629.example", NULL, NULL},
        {"Cyrillic", "\u043c\u0438\u0434.example", NULL, NULL},
        {"each label its own", "\u043c\u0438\u0434.\u0648\u0632.example", NULL, NULL},
        {"Cyrillic a", "justice.m\u0430.example", "Latin", "Cyrillic"},
        {"Greek o", "g\u03bfv.example", "Latin", "Greek"},
        {"Latin in Arabic", "\u0648\u0632gov.example", NULL, NULL}, /* RFC 5893 does not let it in at all */
        {"Armenian", "\u0585rg.example", "Armenian", "Latin"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char canonical[DOMAIN_ROOM];
        struct script_mix mix = {"", "", ""};
        bool mixed = domain_canonical(rows[i].domain, canonical) && script_is_mixed(canonical, &mix);
        if (mixed != (rows[i].first != NULL) ||
            (mixed && (strcmp(mix.first, rows[i].first) != 0 || strcmp(mix.second, rows[i].second) != 0)))
            fail_msg("%s: %d, %s and %s in '%s'", rows[i].name, mixed, mix.first, mix.second, mix.label);
    }
}

static void invisible(void **state)
{
    const struct {
        const char *text;
        uint32_t code;
        size_t offset;
        const char *name;
    } rows[] = {
        {"plain text, \"quoted\"", 0, 0, ""},
        {"int\u00e9rieur \u0648\u0632\u0627\u0631\u0629 \u201cx\u201d", 0, 0, ""},
        {"", 0, 0, ""},
        {"a\u00a0b", 0xa0, 1, "a no-break space"},
        {"\u00e9\u00ad", 0xad, 2, "a soft hyphen"},
        {"\u2009", 0x2009, 0, "a typographic space"},
        {"x\u200bx", 0x200b, 1, "a zero-width space"},
        {"x\u200d", 0x200d, 1, "a zero-width joiner"},
        {"\u200fx", 0x200f, 0, "a direction mark"},
        {"x\u202e", 0x202e, 1, "a direction mark"},
        {"x\u2066", 0x2066, 1, "a direction mark"},
        {"\ufeffx", 0xfeff, 0, "a byte order mark"},
        {"x\U000e0041", 0xe0041, 1, "U+E0041"},
        {"x\u3164", 0x3164, 1, "U+3164"}, /* a letter that is a blank */
        {"bad \xff\xc2 bytes\u00a0", 0xa0, 12, "a no-break space"},
        {"cut \xe2\x80", 0, 0, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char room[16];
        size_t offset = 0;
        uint32_t code = script_find_invisible(rows[i].text, &offset);
        if (code != rows[i].code || offset != rows[i].offset ||
            (code && strcmp(script_invisible_name(code, room), rows[i].name) != 0))
            fail_msg("row %zu: U+%04X at %zu", i, (unsigned)code, offset);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mixtures),
        cmocka_unit_test(invisible),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scripts", tests, NULL, NULL);
}
