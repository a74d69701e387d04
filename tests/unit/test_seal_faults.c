/* SPDX-License-Identifier: Apache-2.0 */

/* Sealing through a gpg that fails in every way we could think of: nothing comes back, within the deadline,
 * nothing is left running, and the next message succeeds. */

#include "seal_world.h"

/* A gpg that fails, and the words that must stand in the problem line. */
static const struct {
    const char *mode, *problem;
} faults[] = {
    {"missing", "gpg"},
    {"stopped", "did not answer in time"},
    {"slow", "did not answer in time"},
    {"killed", "stopped before"},
    {"empty", "gpg"},
    {"empty-success", "it is empty"},
    {"truncated", "ends in the middle"},
    {"trailing", "something follows"},
    {"failing", "gpg"},
    {"wrong", "gpg: encrypted to other keys"},
    {"extra", "gpg: encrypted to other keys"},
};

static void failing_gpg_means_try_later(void **state)
{
    struct world *world = *state, failing = *world;
    enum { DEADLINE_MS = 4000 };
    failing.sealer = another(world, 1, 1000, DEADLINE_MS);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        print_message("# %s\n", faults[i].mode);
        put_gpg(world, faults[i].mode);
        int64_t before_ms = clock_monotonic_ms();
        bool refused = seal_once(&failing, 1 << 20, faults[i].problem);
        int64_t took_ms = clock_monotonic_ms() - before_ms;
        bool clean = all_end(world);
        put_gpg(world, "real");
        assert_true(refused);
        assert_true(took_ms < DEADLINE_MS + 20000);
        assert_true(clean);
        assert_true(seal_once(&failing, 4096, NULL));
    }
    sealer_free(failing.sealer);
}

/* The same when the slot had never run before: nothing may depend on what an earlier job left behind. */
static void failing_gpg_at_the_first_job(void **state)
{
    struct world *world = *state, failing = *world;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        failing.sealer = another(world, 1, 1000, 3000);
        put_gpg(world, faults[i].mode);
        bool refused = seal_once(&failing, 100000, faults[i].problem);
        put_gpg(world, "real");
        bool healed = seal_once(&failing, 4096, NULL);
        sealer_free(failing.sealer);
        assert_true(refused);
        assert_true(healed);
    }
}

/* Shown or hidden in what leaves: that it is for others than those wanted is noticed. */
static void recipients_are_checked(void **state)
{
    struct world *world = *state;
    static const char *const modes[] = {"wrong", "extra", "swapped", "dropped"};
    const char *const both[] = {world->alice, world->bob};
    for (size_t i = 0; i < 2 * sizeof modes / sizeof *modes; i++) {
        struct attempt attempt;
        put_gpg(world, modes[i / 2]);
        attempt_open(world, &attempt, 4096);
        enum result result = attempt_seal(world, &attempt, both, 2, i & 1);
        attempt_close(&attempt);
        put_gpg(world, "real");
        if (result != RESULT_TRY_LATER || !strstr(attempt.problem.text, "gpg: encrypted to other keys"))
            fail_msg("%s: %s, %s", modes[i / 2], result_name(result), attempt.problem.text);
    }
}

static void output_disk_full_means_try_later(void **state)
{
    struct world *world = *state;
    const char *const alice[] = {world->alice};
    struct attempt attempt;
    attempt_open(world, &attempt, 1 << 20);
    fd_close(&attempt.output_fd);
    attempt.output_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_int_equal(attempt_seal(world, &attempt, alice, 1, false), RESULT_TRY_LATER);
    assert_non_null(strstr(attempt.problem.text, "No space left"));
    attempt_close(&attempt);
}

static void no_free_slot_means_try_later(void **state)
{
    struct world *world = *state, busy = *world;
    struct caller holder = {.world = &busy};
    busy.sealer = another(world, 1, 300, 4000);
    put_gpg(world, "stopped");
    assert_int_equal(pthread_create(&holder.thread, NULL, call_often, &holder), 0);
    usleep(1000000);
    int64_t before_ms = clock_monotonic_ms();
    bool refused = seal_once(&busy, 10, "no free process");
    int64_t took_ms = clock_monotonic_ms() - before_ms;
    put_gpg(world, "real");
    assert_int_equal(pthread_join(holder.thread, NULL), 0);
    sealer_free(busy.sealer);
    assert_true(refused);
    assert_in_range(took_ms, 250, 20000);
    assert_int_equal(holder.good, 9);
}

/* The sealer's group holds what gpg there is, and its own timer ends it all when the daemon is gone. */
static void dead_daemon_leaves_nothing(void **state)
{
    struct world *world = *state;
    put_gpg(world, "slow");
    assert_int_equal(shell(&world->at, "rm -f bin/pids"), 0);
    pid_t daemon = fork();
    if (daemon == 0) {
        struct world own = *world;
        put_gpg(&own, "real"); /* which tries the keys and leaves no pid */
        own.sealer = another(world, 1, 100, 1500);
        put_gpg(&own, "slow");
        (void)seal_once(&own, 4096, "");
        _exit(0);
    }
    assert_int_equal(shell(&world->at,
                           "n=0; until [ -s bin/pids ] || [ $n = 100 ]; do n=$((n + 1)); sleep 0.05; done; "
                           "sleep 0.2; kill -9 %d",
                           (int)daemon),
                     0);
    assert_int_equal(waitpid(daemon, NULL, 0), daemon);
    /* A slow gpg and no stopped one: the kernel itself hangs up on stopped groups without a parent. */
    /* Its group leader: a khatm-sealer. */
    int grouped = shell(&world->at, "read -r p <bin/pids; g=$(cut -d' ' -f5 /proc/$p/stat) && "
                                    "grep -q khatm-sealer /proc/$g/comm && test $g != $p");
    bool clean = all_end(world);
    put_gpg(world, "real");
    assert_int_equal(grouped, 0);
    assert_true(clean);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(failing_gpg_means_try_later),  cmocka_unit_test(failing_gpg_at_the_first_job),
    cmocka_unit_test(recipients_are_checked),       cmocka_unit_test(output_disk_full_means_try_later),
    cmocka_unit_test(no_free_slot_means_try_later), cmocka_unit_test(dead_daemon_leaves_nothing),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
