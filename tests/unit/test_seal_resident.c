/* SPDX-License-Identifier: Apache-2.0 */

/* Sealing by a gpg that stays: what it makes is what a gpg of its own would make; where it fails, the message
 * is sealed by one of its own or not at all, and never is anything else used. */

#include "seal_world.h"

enum { DEADLINE_MS = 20000, HANGS_MS = 4000 };

static int resident_setup(void **state)
{
    struct world *world = NULL;
    if (setup(state) != 0)
        return -1;
    world = *state;
    world->settings.resident = true;
    return 0;
}

static void put_server(struct world *world, const char *mode)
{
    assert_int_equal(shell(&world->at,
                           "echo %s >bin/mode; rm -f bin/served bin/pids; touch bin/served bin/pids; "
                           "cp " KHATM_SOURCE_DIR "/tests/support/fake-server bin/fresh && "
                           "chmod 755 bin/fresh && mv -f bin/fresh bin/gpg",
                           mode),
                     0);
}

static int lines_in(const struct world *world, const char *name)
{
    return WEXITSTATUS(shell(&world->at, "exit $(wc -l <bin/%s)", name));
}

static const size_t sizes[] = {0, 1, 4096, 65536, 65537, 300000, 3000000};

/* Real gpg, one process for all of them. */
static void many_messages_by_one(void **state)
{
    struct world *world = *state, staying = *world;
    const char *const both[] = {world->alice, world->bob};
    put_gpg(world, "real");
    staying.sealer = another(world, 1, 1000, DEADLINE_MS);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct attempt attempt;
        attempt_open(world, &attempt, sizes[i]);
        enum result result = attempt_seal(&staying, &attempt, both, 1 + (i & 1), i & 2);
        if (result != RESULT_OK)
            fail_msg("%zu: %s", sizes[i], attempt.problem.text);
        check_opens(world, &attempt, world->alice);
        if (i & 1)
            check_opens(world, &attempt, world->bob);
        attempt_close(&attempt);
    }
    sealer_free(staying.sealer);
}

/* None of them was sealed in another way: the same process was given each. */
static void one_process_serves(void **state)
{
    struct world *world = *state, staying = *world;
    put_server(world, "honest");
    staying.sealer = another(world, 1, 1000, DEADLINE_MS);
    for (int i = 0; i < 4; i++)
        assert_true(seal_once(&staying, sizes[i + 1], NULL));
    int served = lines_in(world, "served"), started = lines_in(world, "pids");
    bool there = some_run(world);
    /* Another gpg is installed: the old one ends. */
    put_gpg(world, "real");
    bool sealed = seal_once(&staying, 4096, NULL), ended = all_end(world);
    sealer_free(staying.sealer);
    assert_int_equal(served, 4);
    assert_int_equal(started, 1);
    assert_true(there);
    assert_true(sealed);
    assert_true(ended);
}

static void none_waits_after_a_large_message(void **state)
{
    struct world *world = *state, staying = *world;
    put_server(world, "honest");
    staying.sealer = another(world, 1, 1000, DEADLINE_MS);
    bool small = seal_once(&staying, (8 << 20) - 1, NULL), stays = some_run(world);
    bool large = seal_once(&staying, 8 << 20, NULL), ended = all_end(world);
    bool next = seal_once(&staying, 4096, NULL);
    sealer_free(staying.sealer);
    assert_int_equal(lines_in(world, "pids"), 2);
    assert_true(small && stays);
    assert_true(large && ended);
    assert_true(next);
}

/* The session key of each message is its own. */
static void session_keys_differ(void **state)
{
    struct world *world = *state, staying = *world;
    const char *const alice[] = {world->alice};
    put_gpg(world, "real");
    staying.sealer = another(world, 1, 1000, DEADLINE_MS);
    assert_int_equal(shell(&world->at, "rm -f session-keys"), 0);
    for (int i = 0; i < 3; i++) {
        struct attempt attempt;
        attempt_open(world, &attempt, 100);
        assert_int_equal(attempt_seal(&staying, &attempt, alice, 1, false), RESULT_OK);
        copy_out(attempt.output_fd, 0, file_in(world, "body"), "");
        attempt_close(&attempt);
        assert_int_equal(shell(&world->at, "gpg --batch --show-session-key --decrypt body 2>&1 >/dev/null | "
                                           "grep -o '[0-9]*:[0-9A-F]\\{32,\\}' >>session-keys"),
                         0);
    }
    sealer_free(staying.sealer);
    assert_int_equal(shell(&world->at, "test $(sort -u session-keys | wc -l) = 3"), 0);
}

/* Those without a problem are sealed all the same, by a gpg of their own; what fails serves no second
 * message, and what does not even greet is not tried again. */
static const struct {
    const char *mode, *problem;
    int64_t deadline_ms;
    size_t size;
    int started; /* for two messages */
} faults[] = {
    {"unknown", NULL, DEADLINE_MS, 4096, 0},
    {"wrong-greeting", NULL, DEADLINE_MS, 4096, 1},
    {"garbage", NULL, DEADLINE_MS, 4096, 1},
    {"recipient-refused", NULL, DEADLINE_MS, 4096, 2},
    {"refuses", NULL, DEADLINE_MS, 4096, 2},
    {"refuses", NULL, DEADLINE_MS, 1 << 20, 2},
    {"dies-before", NULL, DEADLINE_MS, 4096, 2},
    {"dies-before", NULL, DEADLINE_MS, 1 << 20, 2},
    {"half-dies", NULL, DEADLINE_MS, 4096, 2},
    {"half-dies", NULL, DEADLINE_MS, 1 << 20, 2},
    {"all-dies", NULL, DEADLINE_MS, 1 << 20, 2},
    {"half-refused", NULL, DEADLINE_MS, 1 << 20, 2},
    {"all-refused", NULL, DEADLINE_MS, 4096, 2},
    {"no-end", NULL, DEADLINE_MS, 4096, 2},
    {"no-end", NULL, DEADLINE_MS, 1 << 20, 2},
    {"hasty", NULL, DEADLINE_MS, 1 << 20, 2},
    {"dies-after", NULL, DEADLINE_MS, 4096, 1},
    {"shortens", "shorter than the message", DEADLINE_MS, 4096, 2},
    {"empty", "it is empty", DEADLINE_MS, 4096, 2},
    {"truncated", "ends in the middle", DEADLINE_MS, 4096, 2},
    {"truncated", "ends in the middle", DEADLINE_MS, 1 << 20, 2},
    {"trailing", "something follows", DEADLINE_MS, 4096, 2},
    {"wrong", "encrypted to other keys", DEADLINE_MS, 4096, 2},
    {"extra", "encrypted to other keys", DEADLINE_MS, 4096, 2},
    {"stopped", "did not answer in time", HANGS_MS, 4096, 2},
    {"silent-start", "did not answer in time", HANGS_MS, 4096, 2},
};

static void failing_server(void **state)
{
    struct world *world = *state, failing = *world;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        print_message("# %s, %zu\n", faults[i].mode, faults[i].size);
        put_gpg(world, "real");
        failing.sealer = another(world, 1, 1000, faults[i].deadline_ms);
        put_server(world, faults[i].mode);
        bool first = seal_once(&failing, faults[i].size, faults[i].problem);
        bool second = seal_once(&failing, faults[i].size, faults[i].problem);
        bool left = faults[i].problem && !all_end(world);
        int started = lines_in(world, "pids");
        put_gpg(world, "real");
        bool healed = seal_once(&failing, 4096, NULL);
        bool ended = all_end(world);
        sealer_free(failing.sealer);
        if (!first || !second || left || !healed || !ended || started != faults[i].started)
            fail_msg("%s, %zu: %d %d %d %d %d, %d started", faults[i].mode, faults[i].size, first, second,
                     left, healed, ended, started);
    }
}

/* Neither way: nothing comes back. */
static void both_ways_fail(void **state)
{
    struct world *world = *state, failing = *world;
    put_gpg(world, "real");
    failing.sealer = another(world, 1, 1000, DEADLINE_MS);
    static const char *const modes[] = {"truncated", "failing", "killed", "wrong"};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        put_gpg(world, modes[i]);
        assert_true(seal_once(&failing, 100000, ""));
    }
    put_gpg(world, "real");
    assert_true(seal_once(&failing, 4096, NULL));
    sealer_free(failing.sealer);
}

/* A message that cannot be read to its end, an output that cannot be written: nobody tries twice. */
static void own_trouble(void **state)
{
    struct world *world = *state, staying = *world;
    const char *const alice[] = {world->alice};
    struct attempt attempt;
    put_server(world, "honest");
    staying.sealer = another(world, 1, 1000, DEADLINE_MS);
    attempt_open(world, &attempt, 100000);
    attempt.body_size += 5;
    assert_int_equal(attempt_seal(&staying, &attempt, alice, 1, false), RESULT_TRY_LATER);
    assert_non_null(strstr(attempt.problem.text, "cannot be read to its end"));
    attempt_close(&attempt);
    attempt_open(world, &attempt, 1 << 20);
    fd_close(&attempt.output_fd);
    attempt.output_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_int_equal(attempt_seal(&staying, &attempt, alice, 1, false), RESULT_TRY_LATER);
    assert_non_null(strstr(attempt.problem.text, "No space left"));
    attempt_close(&attempt);
    assert_true(all_end(world));
    assert_true(seal_once(&staying, 4096, NULL));
    sealer_free(staying.sealer);
    put_gpg(world, "real");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(many_messages_by_one),
    cmocka_unit_test(one_process_serves),
    cmocka_unit_test(none_waits_after_a_large_message),
    cmocka_unit_test(session_keys_differ),
    cmocka_unit_test(failing_server),
    cmocka_unit_test(both_ways_fail),
    cmocka_unit_test(own_trouble),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, resident_setup, teardown);
}
