/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_REPLAY_FAULTS_H
#define KHATM_TESTS_REPLAY_FAULTS_H

/* A replay (replay.h) whose khatm-sealer has a GPGME that fails on demand (gpgme_faults.h), and the ways to
 * fail that hold for what is signed and for what is not. */

#include "replay.h"

#include "gpgme_faults.h"

enum { SMALL = 4096, CODES_END = 0x10000 };

static int faulty_setup(void **state)
{
    if (replay_setup(state) != 0)
        return -1;
    struct replay *replay = *state;
    replay->world.settings.program = FAULTY_SEALER;
    faults_set(&replay->world.at, NULL, 0, 0);
    faults_forget_calls(&replay->world.at);
    return 0;
}

/* Without a fault it is sealed, in the process that is there. */
static void expect_healthy(struct replay *replay)
{
    faults_set(&replay->world.at, NULL, 0, 0);
    enum result result = replay_seal(replay);
    if (result != RESULT_OK)
        fail_msg("does not heal: %s", replay->attempt.problem.text);
}

static void try_call(struct replay *replay, const char *name, size_t nth, unsigned value)
{
    helper_kill(&replay->process);
    faults_set(&replay->world.at, name, nth, value);
    enum result result = replay_seal(replay);
    if (result != RESULT_TRY_LATER || !replay->attempt.problem.text[0])
        fail_msg("%s, call %zu, %u: %s", name, nth, value, result_name(result));
    expect_healthy(replay);
}

/* Each call in turn, with each of these codes; `calls`: all that a new process calls to seal one message. */
static void fail_every_call(struct replay *replay, const struct gpgme_calls *calls, const unsigned *values,
                            size_t n_values)
{
    for (size_t i = 0; i < calls->n; i++)
        for (size_t v = 0; v < n_values; v++)
            if (is_function(calls->names[i]))
                try_call(replay, calls->names[i], 1 + faults_count(calls, i, calls->names[i]), values[v]);
}

/* Of an operation that was started, and of one that was not. */
static void fail_with_every_code(struct replay *replay, const char *start)
{
    const char *const names[] = {"done", start};
    size_t n = 0;
    for (unsigned code = 1; code < CODES_END; code++) {
        if (strncmp(gpgme_strerror(gpgme_error(code)), "Unknown", 7) == 0)
            continue;
        n++;
        for (size_t i = 0; i < 2; i++) {
            faults_set(&replay->world.at, names[i], 1, code);
            if (replay_seal(replay) != RESULT_TRY_LATER)
                fail_msg("%s: %u", names[i], code);
        }
    }
    print_message("# %zu codes\n", n);
    assert_true(n > 300);
    expect_healthy(replay);
}

/* gpg that failed, or wrote too little, under a GPGME that says that all went well. */
static void success_that_is_none(void **state)
{
    static const char *const endings[] = {"silent", "failing", "killed", "success"};
    struct replay *replay = *state;
    replay_record(replay, SMALL);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        for (size_t left = i == 3; left < replay->size; left += 1009) {
            replay_set(replay, replay->size - left, 0, 0, endings[i]);
            faults_set(&replay->world.at, "done", 1, 0);
            if (replay_seal(replay) != RESULT_TRY_LATER)
                fail_msg("%s, %zu bytes missing: sealed", endings[i], left);
        }
    replay_set(replay, replay->size, 0, 0, "success");
    expect_healthy(replay);
}

#endif
