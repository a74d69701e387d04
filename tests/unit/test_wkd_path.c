/* SPDX-License-Identifier: Apache-2.0 */
/* Where the key of an address lies, beside what gpg-wks-client --print-wkd-hash and --print-wkd-url say. */

#include "wkd/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
    const char *local, *name, *query;
} rows[] = {
    {"Joe.Doe", "iy9q119eutrkn8s1mk4r39qejnbu3n5q", "Joe.Doe"},
    {"joe.doe", "iy9q119eutrkn8s1mk4r39qejnbu3n5q", "joe.doe"},
    {"gateway", "tjiuazumwupg7x69bnagt1uw69c37wmb", "gateway"},
    {"a+b", "i6wwpbayndmjsnjzbzdj15jgc77g8a4f", "a%2Bb"},
    {"o'neil/x=y%&?", "cxefcqd68u7o86e99ib4tyuaem86n1sn", "o%27neil%2Fx%3Dy%25%26%3F"},
};

static void paths_are_those_of_the_draft(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[WKD_PATH_ROOM], wanted[WKD_PATH_ROOM];
        for (int advanced = 0; advanced < 2; advanced++) {
            (void)snprintf(wanted, sizeof wanted, "/.well-known/openpgpkey/%shu/%s?l=%s",
                           advanced ? "example.org/" : "", rows[i].name, rows[i].query);
            assert_int_equal(wkd_path(rows[i].local, "example.org", advanced, path), RESULT_OK);
            assert_string_equal(path, wanted);
        }
    }
}

static void what_is_no_local_part_is_refused(void **state)
{
    char path[WKD_PATH_ROOM], longest[WKD_LOCAL_MAX + 2];
    memset(longest, '%', sizeof longest);
    longest[WKD_LOCAL_MAX + 1] = '\0';
    assert_int_equal(wkd_path("", "example.org", true, path), RESULT_BAD_INPUT);
    assert_int_equal(wkd_path(longest, "example.org", true, path), RESULT_BAD_INPUT);
    longest[WKD_LOCAL_MAX] = '\0';
    assert_int_equal(wkd_path(longest, "example.org", true, path), RESULT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(paths_are_those_of_the_draft),
                                       cmocka_unit_test(what_is_no_local_part_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
