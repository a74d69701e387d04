/* SPDX-License-Identifier: Apache-2.0 */

/* Sealing with a signature while something fails at that: GPGME in each of its calls and with every error
 * code it knows, gpg that tells of another signature than was asked for, or of one that is not there. Nothing
 * leaves that is not signed as far as its length can show, and the next message is sealed. */

#include "replay_faults.h"

static int signing_setup(void **state)
{
    return faulty_setup(state) == 0 ? replay_sign(*state) : -1;
}

static void note_calls(struct replay *replay, struct gpgme_calls *calls)
{
    replay_record(replay, SMALL);
    put_gpg(&replay->world, "real");
    helper_kill(&replay->process);
    faults_forget_calls(&replay->world.at);
    expect_healthy(replay);
    faults_read_calls(&replay->world.at, calls);
    assert_int_equal(faults_count(calls, calls->n, "gpgme_op_encrypt_sign_ext_start"), 1);
    assert_int_equal(faults_count(calls, calls->n, "SIG_CREATED"), 1);
}

static void every_call_fails(void **state)
{
    static const unsigned values[] = {GPG_ERR_GENERAL, GPG_ERR_NO_AGENT};
    static struct gpgme_calls calls;
    struct replay *replay = *state;
    note_calls(replay, &calls);
    fail_every_call(replay, &calls, values, sizeof values / sizeof *values);
}

static void every_error_code(void **state)
{
    struct replay *replay = *state;
    replay_record(replay, SMALL);
    replay_give(replay, replay->decoded, replay->decoded_size);
    expect_healthy(replay);
    fail_with_every_code(replay, "gpgme_op_encrypt_sign_ext_start");
}

static void status_left_out_or_told_twice(void **state)
{
    static struct gpgme_calls calls;
    struct replay *replay = *state;
    note_calls(replay, &calls);
    try_call(replay, "SIG_CREATED", 0, 0);
    try_call(replay, "SIG_CREATED", 0, 2);
    try_call(replay, "END_ENCRYPTION", 0, 0);
}

/* gpg tells of a good signature, and its ciphertext, whole and for the right keys, has no room for one. */
static void a_signature_that_was_dropped_is_missed(void **state)
{
    static const size_t sizes[] = {0, 1, 100, SMALL, 100000, 500000};
    struct replay *replay = *state;
    const char *signer = replay->signer;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        replay->signer = NULL;
        replay_record(replay, sizes[i]);
        replay_give(replay, replay->decoded, replay->decoded_size);
        expect_healthy(replay);
        replay->signer = signer;
        replay_expect_refusal(replay, "shorter than the message");
        replay_record(replay, sizes[i]);
        replay_give(replay, replay->decoded, replay->decoded_size);
        expect_healthy(replay);
    }
}

static const struct {
    const char *said, *problem;
} lies[] = {
    {"", "gpg: encrypting"}, /* GPGME misses it */
    {REPLAY_SIGNED "[GNUPG:] SIG_CREATED S 22 10 00 1795255200 0123456789ABCDEF0123456789ABCDEF01234567\n",
     "2 signatures"},
    {"[GNUPG:] SIG_CREATED S 22 10 00 1795255200 0123456789ABCDEF0123456789ABCDEF01234567\n", "did not sign"},
    {"[GNUPG:] SIG_CREATED D 22 10 00 1795255200 %s\n", "did not sign"},
    {"[GNUPG:] SIG_CREATED C 22 10 00 1795255200 %s\n", "did not sign"},
    {"[GNUPG:] SIG_CREATED S 22 2 00 1795255200 %s\n", "did not sign"},
    {"[GNUPG:] SIG_CREATED S 22 10 01 1795255200 %s\n", "did not sign"},
    {"[GNUPG:] SIG_CREATED S 22 10 18 1795255200 %s\n", "did not sign"},
    {"[GNUPG:] SIG_CREATED S 22 10 00 1795255200\n", "gpg"},
    {"[GNUPG:] SIG_CREATED\n", "gpg"},
    {"[GNUPG:] SIG_CREATED %s %s S 22 10 00\n", "gpg"},
    {"[GNUPG:] INV_SGNR 9 %s\n", "gpg"},
};

static void gpg_that_tells_of_another_signature(void **state)
{
    struct replay *replay = *state;
    replay_record(replay, SMALL);
    replay_give(replay, replay->decoded, replay->decoded_size);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        print_message("# %s\n", lies[i].said);
        replay_say(replay, lies[i].said);
        replay_expect_refusal(replay, lies[i].problem);
    }
    replay_say(replay, REPLAY_SIGNED);
    expect_healthy(replay);
}

/* It signs by the one key, or it is told that it cannot, or there is no ring. */
static void ring_signs_or_says_why(void **state)
{
    static struct gpgme_calls calls;
    struct replay *replay = *state;
    struct problem problem = {""};
    char wanted[1][FINGERPRINT_HEX];
    const struct pins pins = {.fingerprints = wanted, .n_fingerprints = 1};
    memcpy(wanted[0], replay->world.alice, FINGERPRINT_HEX);
    put_gpg(&replay->world, "real");
    for (size_t i = 0, n = 1, trial = 0; i < n + 1; i++) {
        struct workring *ring = NULL;
        bool reports = i && !is_function(calls.names[i - 1]) && strcmp(calls.names[i - 1], "done") != 0;
        faults_set(&replay->world.at, i ? calls.names[i - 1] : NULL,
                   i ? 1 + faults_count(&calls, i - 1, calls.names[i - 1]) : 0,
                   reports ? 0 : GPG_ERR_GENERAL);
        if (!i)
            faults_forget_calls(&replay->world.at);
        enum result result =
            workring_new(&replay->world.settings, &pins, clock_monotonic_ms() + REPLAY_MS, &ring, &problem);
        if (!i) {
            faults_read_calls(&replay->world.at, &calls);
            n = calls.n;
            assert_int_equal(result, RESULT_OK);
            for (size_t call = 0; call < n; call++)
                trial = strcmp(calls.names[call], "gpgme_new") == 0 ? call : trial;
        }
        const struct signer *signer = ring ? workring_signer(ring) : NULL;
        if (!(ring ? result == RESULT_OK : result == RESULT_TRY_LATER) ||
            (signer && signer->fingerprint[0] ? strcmp(signer->fingerprint, replay->signer) != 0
                                              : signer && !signer->trouble.text[0]))
            fail_msg("%s: %s", i ? calls.names[i - 1] : "nothing", result_name(result));
        /* The trial of the keys comes last, and is made once more when it fails. */
        bool needed =
            i && i - 1 < trial && !reports && strcmp(calls.names[i - 1], "gpgme_pubkey_algo_string") != 0;
        if (needed && signer && signer->fingerprint[0])
            fail_msg("%s fails, and nobody minds", calls.names[i - 1]);
        workring_unref(ring);
    }
    faults_set(&replay->world.at, NULL, 0, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_call_fails),
    cmocka_unit_test(every_error_code),
    cmocka_unit_test(status_left_out_or_told_twice),
    cmocka_unit_test(success_that_is_none),
    cmocka_unit_test(a_signature_that_was_dropped_is_missed),
    cmocka_unit_test(gpg_that_tells_of_another_signature),
    cmocka_unit_test(ring_signs_or_says_why),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, signing_setup, replay_teardown);
}
