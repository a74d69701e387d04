/* SPDX-License-Identifier: Apache-2.0 */

/* Opening, and verifying a registry, while GPGME fails: each of its calls in turn, with every error code it
 * knows, with each line of gpg's report left out or told twice, and with success told where there was none.
 * Nothing counts as verified but what gpg said all of, and the next message is opened. */

#include "unseal_world.h"

#include "gpgme_faults.h"
#include "seal/check.h"

enum { SMALL = 4096, CODES_END = 0x10000 };

static int faulty_setup(void **state)
{
    if (unseal_setup(state) != 0)
        return -1;
    struct unseal_world *world = *state;
    world->settings.program = FAULTY_SEALER;
    faults_set(&world->at, NULL, 0, 0);
    faults_forget_calls(&world->at);
    return 0;
}

static enum unseal_answer ask(struct unseal_world *world)
{
    struct problem problem;
    enum unseal_answer answer = unseal_ask(world, world->message, world->message_size, &problem);
    if (answer != ANSWER_OPENED && answer != ANSWER_NOT_OURS)
        assert_true(*problem.text);
    return answer;
}

static void expect_healthy(struct unseal_world *world)
{
    faults_set(&world->at, NULL, 0, 0);
    assert_int_equal(ask(world), ANSWER_OPENED);
}

static bool is_report(const char *name)
{
    return !is_function(name) && strcmp(name, "done") != 0;
}

static void note_calls(struct unseal_world *world, struct gpgme_calls *calls)
{
    unseal_make(world, SMALL);
    helper_kill(&world->process);
    faults_forget_calls(&world->at);
    expect_healthy(world);
    faults_read_calls(&world->at, calls);
    assert_true(calls->n > 10);
}

/* Our own trouble, and none of the sender's: it is tried again. */
static void every_call_fails(void **state)
{
    static const unsigned values[] = {GPG_ERR_GENERAL, GPG_ERR_ENOMEM, GPG_ERR_EOF, GPG_ERR_CANCELED};
    static struct gpgme_calls calls;
    struct unseal_world *world = *state;
    note_calls(world, &calls);
    for (size_t i = 0; i < calls.n; i++)
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            if (is_report(calls.names[i]) || strcmp(calls.names[i], "done") == 0)
                continue;
            helper_kill(&world->process);
            faults_set(&world->at, calls.names[i], 1 + faults_count(&calls, i, calls.names[i]), values[v]);
            if (ask(world) != ANSWER_LATER)
                fail_msg("%s, %u", calls.names[i], values[v]);
            helper_kill(&world->process);
        }
    expect_healthy(world);
}

/* gpg itself found nothing wrong. */
static void every_error_code(void **state)
{
    static const char *const names[] = {"done", "gpgme_op_decrypt_verify_start"};
    struct unseal_world *world = *state;
    size_t n = 0;
    unseal_make(world, SMALL);
    expect_healthy(world);
    for (unsigned code = 1; code < CODES_END; code++) {
        if (strncmp(gpgme_strerror(gpgme_error(code)), "Unknown", 7) == 0)
            continue;
        n++;
        for (size_t i = 0; i < 2; i++) {
            faults_set(&world->at, names[i], 1, code);
            enum unseal_answer answer = ask(world);
            if (answer != ANSWER_LATER)
                fail_msg("%s, %u: %d", names[i], code, (int)answer);
        }
    }
    print_message("# %zu codes\n", n);
    assert_true(n > 300);
    expect_healthy(world);
}

/* What gpg must have said, once. */
static void reports_left_out_or_told_twice(void **state)
{
    static const char *const needed[] = {"DECRYPTION_INFO", "PLAINTEXT", "DECRYPTION_OKAY", "GOODMDC",
                                         "END_DECRYPTION",  "GOODSIG",   "VALIDSIG"};
    static const char *const single[] = {"BEGIN_DECRYPTION", "PLAINTEXT", "NEWSIG", "GOODSIG"};
    static struct gpgme_calls calls;
    struct unseal_world *world = *state;
    note_calls(world, &calls);
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        assert_int_equal(faults_count(&calls, calls.n, needed[i]), 1);
        faults_set(&world->at, needed[i], 0, 0);
        enum unseal_answer answer = ask(world);
        if (answer != ANSWER_LATER && answer != ANSWER_REFUSED)
            fail_msg("without %s: %d", needed[i], (int)answer);
        expect_healthy(world);
    }
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        faults_set(&world->at, single[i], 0, 2);
        if (ask(world) != ANSWER_REFUSED)
            fail_msg("twice %s", single[i]);
        expect_healthy(world);
    }
}

static void success_that_is_none(void **state)
{
    struct unseal_world *world = *state;
    unseal_make(world, SMALL);
    for (size_t back = 1; back < 1000; back += 37) {
        world->binary[world->binary_size - back] ^= 1;
        unseal_wrap(world, world->binary, world->binary_size, NULL);
        faults_set(&world->at, "done", 1, 0);
        if (ask(world) != ANSWER_REFUSED)
            fail_msg("%zu from the end", back);
        world->binary[world->binary_size - back] ^= 1;
    }
    unseal_wrap(world, world->binary, world->binary_size, NULL);
    expect_healthy(world);
}

/* --- a registry's signature --- */

static enum result check(struct unseal_world *world, struct problem *problem)
{
    static char signature[4096], key[16384];
    struct seal_checked checked;
    const struct seal_claim claim = {.data = world->inside,
                                     .data_size = world->inside_size,
                                     .signature = signature,
                                     .signature_size =
                                         unseal_read(world, "signature", signature, sizeof signature),
                                     .key = key,
                                     .key_size = unseal_read(world, "key", key, sizeof key),
                                     .fingerprint = world->peer};
    return seal_check(&world->settings, world->work, &claim, &checked, problem);
}

static void no_signature_holds_while_gpgme_fails(void **state)
{
    static struct gpgme_calls calls;
    struct unseal_world *world = *state;
    struct problem problem = {""};
    unseal_make(world, SMALL);
    assert_int_equal(
        shell(&world->at,
              "gpg --batch --quiet --digest-algo SHA512 -u %s -o signature --detach-sign inside && "
              "gpg --batch --export %s >key",
              world->peer, world->peer),
        0);
    faults_forget_calls(&world->at);
    faults_set(&world->at, NULL, 0, 0);
    if (check(world, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    faults_read_calls(&world->at, &calls);
    for (size_t i = 0; i < calls.n; i++) {
        /* What gpg reports goes to GPGME here, and what the digest is called into a complaint. */
        if (is_report(calls.names[i]) || strcmp(calls.names[i], "gpgme_hash_algo_name") == 0)
            continue;
        faults_set(&world->at, calls.names[i], 1 + faults_count(&calls, i, calls.names[i]), GPG_ERR_GENERAL);
        if (check(world, &problem) == RESULT_OK)
            fail_msg("%s fails, and the signature holds", calls.names[i]);
    }
    faults_set(&world->at, NULL, 0, 0);
    assert_int_equal(check(world, &problem), RESULT_OK);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_call_fails),
    cmocka_unit_test(every_error_code),
    cmocka_unit_test(reports_left_out_or_told_twice),
    cmocka_unit_test(success_that_is_none),
    cmocka_unit_test(no_signature_holds_while_gpgme_fails),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, faulty_setup, unseal_teardown);
}
