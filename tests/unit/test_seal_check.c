/* SPDX-License-Identifier: Apache-2.0 */

/* seal_check against a khatm-sealer that lies: this program itself, started with a lie where gpg's path goes.
 * Only an answer that names the pinned key, and a signature that holds now, is a yes. The honest sealer and
 * real signatures are tested end to end. */

#include "base/clock.h"
#include "helper/process.h"
#include "helper/wire.h"
#include "seal/check.h"
#include "seal/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY   "0123456789ABCDEF0123456789ABCDEF01234567"
#define OTHER "76543210FEDCBA9876543210FEDCBA9876543210"

enum { DAY = 86400, WAIT_MS = 20000 };

static const struct lie {
    const char *name;
    enum result answer, result; /* what it says, what may come of it */
    const char *fingerprint;
    int created, expires, key_expires; /* days from now; 0: never */
    unsigned about;
    const char *problem;
} lies[] = {
    {"honest", RESULT_OK, RESULT_OK, KEY, -1, 0, 0, SEAL_ABOUT_SIGNATURE, ""},
    {"honest, with an end", RESULT_OK, RESULT_OK, KEY, -1, 1, 2, SEAL_ABOUT_SIGNATURE, ""},
    {"another key", RESULT_OK, RESULT_TRY_LATER, OTHER, -1, 0, 0, SEAL_ABOUT_SIGNATURE, "nonsense"},
    {"no key", RESULT_OK, RESULT_TRY_LATER, NULL, -1, 0, 0, SEAL_ABOUT_SIGNATURE, "nonsense"},
    {"half a key", RESULT_OK, RESULT_TRY_LATER, "0123", -1, 0, 0, SEAL_ABOUT_SIGNATURE, "nonsense"},
    {"over", RESULT_OK, RESULT_TRY_LATER, KEY, -2, -1, 0, SEAL_ABOUT_SIGNATURE, "nonsense"},
    {"key over", RESULT_OK, RESULT_TRY_LATER, KEY, -2, 0, -1, SEAL_ABOUT_SIGNATURE, "nonsense"},
    {"never made", RESULT_OK, RESULT_TRY_LATER, KEY, 0, 0, 0, SEAL_ABOUT_SIGNATURE, "nonsense"},
    {"about nothing", RESULT_BAD_INPUT, RESULT_TRY_LATER, NULL, 0, 0, 0, 7, "nonsense"},
    {"bad signature", RESULT_BAD_INPUT, RESULT_BAD_INPUT, NULL, 0, 0, 0, SEAL_ABOUT_SIGNATURE, "out of luck"},
    {"bad key", RESULT_BAD_INPUT, RESULT_BAD_INPUT, NULL, 0, 0, 0, SEAL_ABOUT_KEY, "out of luck"},
    {"later", RESULT_TRY_LATER, RESULT_TRY_LATER, NULL, 0, 0, 0, SEAL_ABOUT_SIGNATURE, "out of luck"},
    {"a defect", RESULT_BUG, RESULT_TRY_LATER, NULL, 0, 0, 0, SEAL_ABOUT_SIGNATURE, "out of luck"},
    {"dies", RESULT_OK, RESULT_TRY_LATER, NULL, 0, 0, 0, 0, "died at work"},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static void put_day(struct wire_frame *frame, uint8_t tag, int days)
{
    wire_put_number(frame, tag, days ? (uint64_t)(clock_wall_ms() / 1000 + days * DAY) : 0);
}

static int be_sealer(const char *name)
{
    static struct wire_frame frame;
    const struct lie *lie = lies;
    while (strcmp(lie->name, name) != 0)
        lie++;
    if (wire_receive(HELPER_CONTROL_FD, &frame, clock_monotonic_ms() + WAIT_MS) != RESULT_OK ||
        wire_type(&frame) != SEAL_CHECK || frame.n_fds != 3 || !lie->about)
        return 1;
    wire_close_fds(&frame);
    wire_begin(&frame, SEAL_REPLY);
    wire_put_number(&frame, SEAL_TAG_RESULT, (uint64_t)lie->answer);
    if (lie->answer != RESULT_OK)
        wire_put_text(&frame, SEAL_TAG_PROBLEM, "out of luck", 100);
    wire_put_number(&frame, SEAL_TAG_ABOUT, lie->about);
    wire_put_text(&frame, SEAL_TAG_FINGERPRINT, lie->fingerprint, SEAL_FINGERPRINT_SIZE);
    put_day(&frame, SEAL_TAG_CREATED, lie->created);
    put_day(&frame, SEAL_TAG_EXPIRES, lie->expires);
    put_day(&frame, SEAL_TAG_KEY_EXPIRES, lie->key_expires);
    return wire_send(HELPER_CONTROL_FD, &frame, clock_monotonic_ms() + WAIT_MS) != RESULT_OK;
}

static char self[300], work[] = "/tmp/khatm-unit-XXXXXX";

static void told(void **state)
{
    const struct lie *lie = *state;
    const struct sealing_settings settings = {.program = self, .gpg = lie->name};
    const struct seal_claim claim = {.data = "registry",
                                     .data_size = 8,
                                     .signature = "signature",
                                     .signature_size = 9,
                                     .key = "key",
                                     .key_size = 3,
                                     .fingerprint = KEY};
    struct seal_checked checked;
    struct problem problem = {""};
    enum result result = seal_check(&settings, work, &claim, &checked, &problem);
    if (result != lie->result || !strstr(problem.text, lie->problem))
        fail_msg("%s: %s '%s'", lie->name, result_name(result), problem.text);
    if (result == RESULT_BAD_INPUT)
        assert_int_equal(checked.about_key, lie->about == SEAL_ABOUT_KEY);
    assert_int_equal(rmdir(work), 0); /* nothing is left in it */
    assert_non_null(mkdtemp(memcpy(work, "/tmp/khatm-unit-XXXXXX", sizeof work)));
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[COUNT(lies)];
    if (argc == 3)
        return be_sealer(argv[1]);
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0 || !mkdtemp(work))
        return 1;
    for (size_t i = 0; i < COUNT(lies); i++)
        tests[i] = (struct CMUnitTest){
            .name = lies[i].name, .test_func = told, .initial_state = (void *)(uintptr_t)&lies[i]};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = _cmocka_run_group_tests("seal_check", tests, COUNT(tests), NULL, NULL);
    (void)rmdir(work);
    return failed;
}
