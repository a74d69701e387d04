/* SPDX-License-Identifier: Apache-2.0 */

/* The RFC 7208 suite through khatm-authenticator in its sandbox: at least 195 of 203 right, no false pass,
 * and no deviation that docs/proofs.md does not judge. The work is done by tests/spf/suite. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RIGHT_MIN = 195, CASES = 203 };

static void rfc_7208_suite(void **state)
{
    char line[512], last[512] = "";
    int cases = 0, right = 0, false_pass = -1;
    FILE *suite = popen(KHATM_SOURCE_DIR "/tests/spf/suite " KHATM_BUILD_DIR
                                         "/tests/authcheck " KHATM_BUILD_DIR "/khatm-authenticator 2>&1",
                        "r");
    assert_non_null(suite);
    while (fgets(line, sizeof line, suite)) {
        print_message("# %s", line);
        memcpy(last, line, sizeof last);
    }
    int status = pclose(suite);
    assert_int_equal(sscanf(last, "%d cases, %d right, %d false pass", &cases, &right, &false_pass), 3);
    assert_int_equal(cases, CASES);
    assert_int_equal(false_pass, 0);
    assert_true(right >= RIGHT_MIN);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rfc_7208_suite)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
