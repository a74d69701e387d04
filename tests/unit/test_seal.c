/* SPDX-License-Identifier: Apache-2.0 */

/* Sealing through the real khatm-sealer and the real gpg: what comes back opens to identical bytes, whatever
 * the size, for every recipient, from many threads, while the ring changes, and without growing. */

#include "seal_world.h"

static void sizes_round_trip(void **state)
{
    static const size_t sizes[] = {0, 1, 47, 4096, 8192, 65536, 1 << 20, 25 << 20};
    struct world *world = *state;
    const char *const alice[] = {world->alice};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct attempt attempt;
        attempt_open(world, &attempt, sizes[i]);
        enum result result = attempt_seal(world, &attempt, alice, 1, false);
        assert_string_equal(attempt.problem.text, "");
        assert_int_equal(result, RESULT_OK);
        check_opens(world, &attempt, world->alice);
        attempt_close(&attempt);
    }
}

/* Two recipients, one of them named twice, share one ciphertext; with hidden ids nothing in it names a
 * key. */
static void recipients_share_one_ciphertext(void **state)
{
    struct world *world = *state;
    const char *const both[] = {world->bob, world->alice, world->bob};
    for (int hide = 0; hide < 2; hide++) {
        struct attempt attempt;
        attempt_open(world, &attempt, 4096);
        assert_int_equal(attempt_seal(world, &attempt, both, 3, hide), RESULT_OK);
        check_opens(world, &attempt, world->alice);
        check_opens(world, &attempt, world->bob);
        assert_int_equal(
            shell(
                &world->at,
                "gpg --batch --list-packets --list-only binary | grep -c '^:pubkey enc packet' | grep -qx 2"),
            0);
        assert_int_equal(
            shell(&world->at,
                  "gpg --batch --list-packets --list-only binary | grep -c 'keyid 0000000000000000' | "
                  "grep -qx %d",
                  hide ? 2 : 0),
            0);
        attempt_close(&attempt);
    }
}

/* The file ends before the size that was told: never a shorter message. */
static void short_spool_means_try_later(void **state)
{
    struct world *world = *state;
    const char *const alice[] = {world->alice};
    struct attempt attempt;
    attempt_open(world, &attempt, 8192);
    attempt.body_size++;
    assert_int_equal(attempt_seal(world, &attempt, alice, 1, false), RESULT_TRY_LATER);
    assert_non_null(strstr(attempt.problem.text, "spooled message"));
    attempt_close(&attempt);
}

static void unknown_key_is_never_sealed_to(void **state)
{
    struct world *world = *state;
    const char *const mixed[] = {world->alice, world->stranger};
    struct attempt attempt;
    attempt_open(world, &attempt, 10);
    assert_int_equal(attempt_seal(world, &attempt, mixed, 2, false), RESULT_TRY_LATER);
    assert_int_equal(attempt_seal(world, &attempt, mixed, 0, false), RESULT_TRY_LATER);
    attempt_close(&attempt);
}

/* With a gpg that fails now and then under them, nobody hangs, and after it all callers are served. */
static void many_callers_share_few_slots(void **state)
{
    struct world *world = *state;
    struct caller callers[12];
    for (size_t i = 0; i < 12; i++) {
        callers[i] = (struct caller){.world = world};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), 0);
    }
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
        assert_int_equal(callers[i].good, 10);
    }
}

/* The admin's ring changes again and again while messages are sealed: each is sealed on the old ring or on
 * the new. */
static void refresh_disturbs_nobody(void **state)
{
    struct world *world = *state;
    struct problem problem = {""};
    struct caller callers[4];
    for (size_t i = 0; i < 4; i++) {
        callers[i] = (struct caller){.world = world};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(shell(&world->at, "touch home/pubring.kbx"), 0);
        assert_int_equal(sealer_refresh(world->sealer, &problem), RESULT_OK);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
        assert_int_equal(callers[i].good, 10);
    }
    assert_true(seal_once(world, 10, NULL) && seal_once(world, 10, NULL));
    assert_int_equal(sealer_refresh(world->sealer, &problem), RESULT_OK);
    assert_int_equal(shell(&world->at, "test $(ls -d work/ring-* | wc -l) -le 2"), 0);
}

static void sealer_needs_no_more_memory_for_more_mail(void **state)
{
    struct world *world = *state, own = *world;
    static const char RSS[] =
        "cat $(grep -l khatm-sealer /proc/[0-9]*/comm | sed 's/comm/status/') 2>&- | "
        "awk -v d=%d '/^PPid/{mine = $2 == d} /^VmRSS/ && mine {s += $2} END{exit !(s < %d)}'";
    own.sealer = another(world, 1, 1000, 20000);
    for (unsigned i = 0; i < 150; i++) {
        const char *const alice[] = {world->alice};
        struct attempt attempt;
        attempt_open(&own, &attempt, i % 50 == 49 ? 30 << 20 : 3000);
        assert_int_equal(attempt_seal(&own, &attempt, alice, 1, false), RESULT_OK);
        attempt_close(&attempt);
    }
    /* All sealers of this test together: three slots at most. Instrumented builds are not measured. */
    assert_int_equal(shell(&world->at, RSS, (int)getpid(), INSTRUMENTED ? 1 << 30 : 36 * 1024), 0);
    sealer_free(own.sealer);
}

/* It forks twice for each gpg, and each fork costs by the mapping; a library is five. */
static void sealer_is_one_program_without_libraries(void **state)
{
    struct world *world = *state;
    if (INSTRUMENTED) /* sanitizers want shared libraries */
        return;
    assert_int_equal(shell(&world->at,
                           "n=0; for p in $(cat /proc/%d/task/*/children); do "
                           "grep -qx khatm-sealer /proc/$p/comm || continue; n=1; "
                           "! grep -q '[.]so' /proc/$p/maps || exit 1; done; test $n = 1",
                           (int)getpid()),
                     0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sizes_round_trip),
    cmocka_unit_test(recipients_share_one_ciphertext),
    cmocka_unit_test(short_spool_means_try_later),
    cmocka_unit_test(unknown_key_is_never_sealed_to),
    cmocka_unit_test(many_callers_share_few_slots),
    cmocka_unit_test(refresh_disturbs_nobody),
    cmocka_unit_test(sealer_needs_no_more_memory_for_more_mail),
    cmocka_unit_test(sealer_is_one_program_without_libraries),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
