/* SPDX-License-Identifier: Apache-2.0 */

/* Sealing while GPGME fails: each of its calls in turn, with every error code it knows, with half of what it
 * reports left out or told twice, and with success told where there was none. Nothing counts as sealed but
 * what the real gpg sealed whole, and the next message is sealed. */

#include "replay_faults.h"

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
    fail_every_call(replay, &calls, values, sizeof values / sizeof *values);
}

static void every_error_code(void **state)
{
    struct replay *replay = *state;
    replay_record(replay, SMALL);
    put_gpg(&replay->world, "real");
    fail_with_every_code(replay, "gpgme_op_encrypt_ext_start");
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
