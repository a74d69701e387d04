/* SPDX-License-Identifier: Apache-2.0 */
/* Which user ids name one address, and which could be read as another's. */
#include "sealer/gpg_persons.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
    const char *user_id, *address; /* NULL: none */
} rows[] = {
    {"Directeur <directeur@finances.gov.example>", "directeur@finances.gov.example"},
    {"<directeur@finances.gov.example>", "directeur@finances.gov.example"},
    {"directeur@finances.gov.example", "directeur@finances.gov.example"},
    {"Directeur (bureau 2) <directeur@finances.gov.example>", "directeur@finances.gov.example"},
    {"مدير <a.b-c+d@x.example>", "a.b-c+d@x.example"},
    {"", NULL},
    {"Directeur", NULL},
    {"Directeur <>", NULL},
    {"a@x.example <b@y.example>", "b@y.example"},
    {"<a@x.example> <b@y.example>", NULL},
    {"Directeur <a@x.example", NULL},
    {"Directeur a@x.example>", NULL},
    {"Directeur <a@x.example> ", NULL},
    {"Directeur <a@x.example>,", NULL},
    {"Directeur a@x.example", NULL},
    {"<a@x.example,b@y.example>", NULL},
    {"<a@x.example b@y.example>", NULL},
    {"<@x.example>", NULL},
    {"<a@>", NULL},
    {"<a@x@y.example>", NULL},
    {"<\"a b\"@x.example>", NULL},
    {"<a\xc3\xa9@x.example>", NULL},
    {"<a@x.example\n>", NULL},
};

static void addresses_are_read_one_way(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char address[SEAL_ADDRESS_MAX + 1] = "";
        bool found = gpg_persons_address(rows[i].user_id, address);
        if (found != (rows[i].address != NULL) || (found && strcmp(address, rows[i].address) != 0))
            fail_msg("'%s': %d, '%s'", rows[i].user_id, found, address);
    }
}

static void an_address_has_an_end(void **state)
{
    char user_id[SEAL_ADDRESS_MAX + 8], address[SEAL_ADDRESS_MAX + 1];
    memset(user_id, 'a', sizeof user_id);
    memcpy(user_id + 100, "@", 1);
    user_id[SEAL_ADDRESS_MAX] = '\0';
    assert_true(gpg_persons_address(user_id, address));
    user_id[SEAL_ADDRESS_MAX] = 'a';
    user_id[SEAL_ADDRESS_MAX + 1] = '\0';
    assert_false(gpg_persons_address(user_id, address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(addresses_are_read_one_way),
                                       cmocka_unit_test(an_address_has_an_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
