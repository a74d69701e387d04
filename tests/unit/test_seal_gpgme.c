/* SPDX-License-Identifier: Apache-2.0 */

/* Sealing while GPGME fails: each of its calls in turn, with every error code it knows, with half of what it
 * reports left out or told twice, and with success told where there was none. Nothing counts as sealed but
 * what the real gpg sealed whole, and the next message is sealed. */

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

/* All that a new process calls to seal one message. */
static void note_calls(struct replay *replay, struct gpgme_calls *calls)
{
    helper_kill(&replay->process);
    faults_forget_calls(&replay->world.at);
    expect_healthy(replay);
    faults_read_calls(&replay->world.at, calls);
    assert_true(calls->n > 10);
}

static void every_call_fails(void **state)
{
    static const unsigned values[] = {GPG_ERR_GENERAL, GPG_ERR_ENOMEM, GPG_ERR_EOF, GPG_ERR_CANCELED};
    static struct gpgme_calls calls;
    struct replay *replay = *state;
    replay_record(replay, SMALL);
    put_gpg(&replay->world, "real");
    note_calls(replay, &calls);
    for (size_t i = 0; i < calls.n; i++)
        for (size_t v = 0; v < sizeof values / sizeof *values; v++)
            if (is_function(calls.names[i]))
                try_call(replay, calls.names[i], 1 + faults_count(&calls, i, calls.names[i]), values[v]);
}

/* Of an operation that was started, and of one that was not. */
static void every_error_code(void **state)
{
    static const char *const names[] = {"done", "gpgme_op_encrypt_ext_start"};
    struct replay *replay = *state;
    size_t n = 0;
    replay_record(replay, SMALL);
    put_gpg(&replay->world, "real");
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

static void status_lines_left_out(void **state)
{
    static struct gpgme_calls calls;
    struct replay *replay = *state;
    replay_record(replay, SMALL);
    put_gpg(&replay->world, "real");
    note_calls(replay, &calls);
    assert_int_equal(faults_count(&calls, calls.n, "END_ENCRYPTION"), 1);
    try_call(replay, "END_ENCRYPTION", 0, 0);
}

/* --- the ring: whose keys there are is the root of all that --- */

static enum result make_ring(struct replay *replay, struct problem *problem)
{
    struct workring *ring = NULL;
    char wanted[2][FINGERPRINT_HEX];
    memcpy(wanted[0], replay->world.alice, FINGERPRINT_HEX);
    memcpy(wanted[1], replay->world.bob, FINGERPRINT_HEX);
    const struct pins pins = {.fingerprints = wanted, .n_fingerprints = 2};
    enum result result =
        workring_new(&replay->world.settings, &pins, clock_monotonic_ms() + REPLAY_MS, &ring, problem);
    if (result != RESULT_OK)
        return result;
    struct key_info info;
    if (workring_trouble(ring))
        result = RESULT_TRY_LATER;
    for (size_t i = 0; i < 2; i++)
        if (key_table_find(workring_keys(ring), wanted[i], clock_wall_ms() / 1000, &info) != RESULT_OK ||
            info.state != (result == RESULT_OK ? KEY_USABLE : KEY_UNKNOWN))
            fail_msg("a ring without %s: state %d, %s", wanted[i], (int)info.state, info.why);
    workring_unref(ring);
    return result;
}

/* It has both keys, or there is none: a key that seems to be missing would refuse mail for good. What a key's
 * algorithm is called does not matter. */
static void ring_has_all_keys_or_is_none(void **state)
{
    static struct gpgme_calls calls;
    struct replay *replay = *state;
    struct problem problem = {""};
    size_t n = 0;
    put_gpg(&replay->world, "real");
    faults_set(&replay->world.at, NULL, 0, 0);
    faults_forget_calls(&replay->world.at);
    assert_int_equal(make_ring(replay, &problem), RESULT_OK);
    faults_read_calls(&replay->world.at, &calls);
    /* What fails once while the keys are tried is tried again. */
    size_t trial = 0;
    while (trial < calls.n && strcmp(calls.names[trial], "gpgme_op_encrypt_ext_start") != 0)
        trial++;
    for (; trial && strcmp(calls.names[trial - 1], "done") != 0; trial--)
        ;
    for (size_t i = 0; i < calls.n; i++) {
        bool reports = !is_function(calls.names[i]) && strcmp(calls.names[i], "done") != 0;
        faults_set(&replay->world.at, calls.names[i], 1 + faults_count(&calls, i, calls.names[i]),
                   reports ? 0 : GPG_ERR_GENERAL);
        enum result result = make_ring(replay, &problem);
        if (result != RESULT_OK && result != RESULT_TRY_LATER)
            fail_msg("%s: %s", calls.names[i], result_name(result));
        n += result == RESULT_TRY_LATER;
        bool needed = !reports && i < trial && strcmp(calls.names[i], "gpgme_pubkey_algo_string") != 0;
        if (needed && result == RESULT_OK)
            fail_msg("%s fails, and nobody minds", calls.names[i]);
    }
    print_message("# %zu calls and reports, %zu of them needed\n", calls.n, n);
    faults_set(&replay->world.at, NULL, 0, 0);
    assert_int_equal(make_ring(replay, &problem), RESULT_OK);
}

/* What the sealer calls is what gpgme_faults.c stands in front of, but for what cannot fail. */
static void no_call_is_left_out(void **state)
{
    struct replay *replay = *state;
    assert_int_equal(
        shell(&replay->world.at,
              "nm -u " KHATM_BUILD_DIR "/libsealer.a | sed -n 's/.* U \\(gpgme_\\)/\\1/p' | sort -u >called; "
              "nm " KHATM_BUILD_DIR "/faulty/gpgme_faults.o | sed -n 's/.* T __wrap_//p' | sort >faulty; "
              "printf '%%s\\n' gpgme_check_version_internal gpgme_data_release gpgme_error_from_errno "
              "gpgme_free gpgme_key_unref gpgme_release gpgme_set_armor gpgme_set_global_flag "
              "gpgme_set_offline gpgme_strerror gpgme_signers_clear gpgme_key_ref gpgme_data_read "
              "gpgme_data_write gpgme_data_seek gpgme_set_pinentry_mode | sort >sure; "
              "sort -u faulty sure >known; comm -23 called known >&2; test -z \"$(comm -23 called known)\""),
        0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_call_fails),
    cmocka_unit_test(every_error_code),
    cmocka_unit_test(success_that_is_none),
    cmocka_unit_test(status_lines_left_out),
    cmocka_unit_test(ring_has_all_keys_or_is_none),
    cmocka_unit_test(no_call_is_left_out),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, faulty_setup, replay_teardown);
}
