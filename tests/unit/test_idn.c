/* SPDX-License-Identifier: Apache-2.0 */

/* Domains of addresses as A-labels: the static khatm-inspector must say what khatm-reader, which has libidn2,
 * says of the same message. */

#include "inspector/idn.h"

#include <idn2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void names_come_out_as_libidn2_has_them(void **state)
{
    static const struct {
        const char *name;
        const char *ascii; /* NULL: none */
    } rows[] = {
        {"interieur.gov.example", "interieur.gov.example"},
        {"Interieur.GOV.Example", "interieur.gov.example"},
        {"équipement.b.example", "xn--quipement-93a.b.example"},
        {"ÉQUIPEMENT.b.example", "xn--quipement-93a.b.example"},
        {"xn--quipement-93a.b.example", "xn--quipement-93a.b.example"},
        {"XN--Quipement-93A.b.example", "xn--quipement-93a.b.example"},
        {"وزارة.example", "xn--mgbexc3i.example"},
        {"faß.example", "xn--fa-hia.example"},
        {"a。b.example", "a.b.example"},
        {"ｇｏｖ.example", "gov.example"},
        {"go\xc2\xad"
         "v\xc3\xa9.example",
         "xn--gov-dma.example"},
        {"é.example.", "xn--9ca.example."},
        {"xn--a.example", NULL},
        {"xn--\xc3\xa9.example", NULL},
        {"\xff.example", NULL},
        {"aب.example", NULL},
        {"a\xe2\x80\x8d"
         "b.example",
         NULL},
        {"\xcc\x81"
         "a.example",
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *ours = NULL, *theirs = NULL;
        int failed = idn_to_ascii(rows[i].name, &ours, 0);
        if (idn2_to_ascii_8z(rows[i].name, &theirs, 0) != IDN2_OK)
            theirs = NULL;
        if (!failed != !!ours || strcmp(ours ? ours : "-", rows[i].ascii ? rows[i].ascii : "-") != 0 ||
            strcmp(theirs ? theirs : "-", rows[i].ascii ? rows[i].ascii : "-") != 0)
            fail_msg("%s: \"%s\", libidn2 \"%s\"", rows[i].name, ours ? ours : "-", theirs ? theirs : "-");
        idn_free(ours);
        idn2_free(theirs);
    }
}

static void too_long_a_name_is_none(void **state)
{
    char name[600], *ascii = NULL;
    (void)state;
    memset(name, 'a', sizeof name);
    memcpy(name, "é", 2);
    name[sizeof name - 1] = '\0';
    assert_int_not_equal(idn_to_ascii(name, &ascii, 0), 0);
    assert_null(ascii);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_out_as_libidn2_has_them),
        cmocka_unit_test(too_long_a_name_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
