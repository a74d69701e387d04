/* SPDX-License-Identifier: Apache-2.0 */

/* Really signed mail, honest and not, through khatm-authenticator in its sandbox: the table is in
 * tests/spf/dnssec. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CASES_MIN = 8 };

static void dnssec_is_a_fact_and_a_forgery_is_none(void **state)
{
    char line[1024], last[1024] = "";
    int cases = 0, wrong = -1;
    FILE *run = popen(KHATM_SOURCE_DIR "/tests/spf/dnssec " KHATM_BUILD_DIR
                                       "/tests/authcheck " KHATM_BUILD_DIR "/khatm-authenticator 2>&1",
                      "r");
    assert_non_null(run);
    while (fgets(line, sizeof line, run)) {
        print_message("# %s", line);
        memcpy(last, line, sizeof last);
    }
    int status = pclose(run);
    assert_int_equal(sscanf(last, "%d cases, %d wrong", &cases, &wrong), 2);
    assert_true(cases >= CASES_MIN);
    assert_int_equal(wrong, 0);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(dnssec_is_a_fact_and_a_forgery_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
