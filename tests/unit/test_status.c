/* SPDX-License-Identifier: Apache-2.0 */

/* What khatmd says of itself: written and read back, damaged, and whose process it is. */

#include "config/status.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD   "khatm-status 1\npid 77\nstarted 5\nattempts 3\n"
#define TAIL   "digest " DIGEST "\ntime 1795305600\nwhy \n"

static char folder[] = "/tmp/khatm-test-status-XXXXXX";

static void put(const char *text)
{
    char path[100];
    (void)snprintf(path, sizeof path, "%s/khatmd.status", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static enum result get(struct status *status, uid_t *owner)
{
    struct problem problem = {""};
    enum result result = status_read(folder, status, owner, &problem);
    assert_true(result == RESULT_OK || strstr(problem.text, "/khatmd.status: "));
    return result;
}

static void what_is_written_is_read(void **state)
{
    struct problem problem = {""};
    struct status status = {.attempts = 12, .outcome = STATUS_REFUSED, .digest = DIGEST, .time = 1795305600},
                  back;
    uid_t owner = 0;
    (void)snprintf(status.why, sizeof status.why, "/etc/khatm/khatm.conf:3: unknown setting 'x': remove it");
    assert_int_equal(status_self(&status), RESULT_OK);
    assert_int_equal(status_write(folder, &status, &problem), RESULT_OK);
    assert_int_equal(get(&back, &owner), RESULT_OK);
    assert_memory_equal(&status, &back, sizeof back);
    assert_int_equal(owner, getuid());
    status_remove(folder);
    assert_int_equal(get(&back, &owner), RESULT_NOT_FOUND);
}

static void a_folder_is_made(void **state)
{
    char path[100];
    struct problem problem = {""};
    const struct status status = {.pid = 1, .started = 1, .digest = DIGEST};
    (void)snprintf(path, sizeof path, "%s/state", folder);
    assert_int_equal(status_write(path, &status, &problem), RESULT_OK);
    status_remove(path);
    assert_int_equal(rmdir(path), 0);
}

static const struct {
    const char *name, *text;
} damaged[] = {
    {"empty", ""},
    {"another form", "khatm-status 2\npid 77\nstarted 5\nattempts 3\noutcome in-force\n" TAIL},
    {"cut", HEAD "outcome in-force\n"},
    {"cut in a line", HEAD "outcome in-force\ndigest 01"},
    {"no end of line", HEAD "outcome in-force\ndigest " DIGEST "\ntime 5\nwhy "},
    {"more behind", HEAD "outcome in-force\n" TAIL "more\n"},
    {"another order", "khatm-status 1\nstarted 5\npid 77\nattempts 3\noutcome in-force\n" TAIL},
    {"an unknown outcome", HEAD "outcome perhaps\n" TAIL},
    {"no number", "khatm-status 1\npid x\nstarted 5\nattempts 3\noutcome in-force\n" TAIL},
    {"a negative number", "khatm-status 1\npid -1\nstarted 5\nattempts 3\noutcome in-force\n" TAIL},
    {"no process", "khatm-status 1\npid 0\nstarted 5\nattempts 3\noutcome in-force\n" TAIL},
    {"a number too large", "khatm-status 1\npid 4294967297\nstarted 5\nattempts 3\noutcome in-force\n" TAIL},
    {"digits without end",
     "khatm-status 1\npid 77\nstarted 99999999999999999999\nattempts 3\noutcome in-force\n" TAIL},
    {"a short digest", HEAD "outcome in-force\ndigest 01\ntime 5\nwhy \n"},
};

static void what_is_damaged_is_refused(void **state)
{
    struct status status;
    uid_t owner;
    put(HEAD "outcome in-force\n" TAIL);
    assert_int_equal(get(&status, &owner), RESULT_OK);
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        put(damaged[i].text);
        if (get(&status, &owner) != RESULT_BAD_INPUT)
            fail_msg("%s: taken", damaged[i].name);
    }
    status_remove(folder);
}

static void a_process_is_who_it_says(void **state)
{
    struct status self = {0};
    int process = -1;
    assert_int_equal(status_self(&self), RESULT_OK);
    assert_int_equal(status_open_process(&self, geteuid(), &process), RESULT_OK);
    (void)close(process);
    assert_int_equal(status_open_process(&self, geteuid() + 1, &process), RESULT_NOT_FOUND);
    self.started++;
    assert_int_equal(status_open_process(&self, geteuid(), &process), RESULT_NOT_FOUND);
    assert_int_equal(process, -1);
}

static void one_that_ended_is_not_there(void **state)
{
    struct status child = {0};
    int ends[2], process = -1;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)!status_self(&child);
        _exit(write(ends[1], &child, sizeof child) != (ssize_t)sizeof child);
    }
    assert_int_equal(read(ends[0], &child, sizeof child), sizeof child);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(status_open_process(&child, geteuid(), &process), RESULT_NOT_FOUND); /* not collected */
    (void)waitpid(pid, NULL, 0);
    assert_int_equal(status_open_process(&child, geteuid(), &process), RESULT_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),     cmocka_unit_test(a_folder_is_made),
        cmocka_unit_test(what_is_damaged_is_refused),  cmocka_unit_test(a_process_is_who_it_says),
        cmocka_unit_test(one_that_ended_is_not_there),
    };
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)rmdir(folder);
    return failed;
}
