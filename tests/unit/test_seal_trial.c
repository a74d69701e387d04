/* SPDX-License-Identifier: Apache-2.0 */

/* Every key is encrypted to once before it counts: keys that gpg lists as good and refuses, dies of or seals
 * to in a way of its own (tests/support/odd_keys.py), each beside the nearest honest one; keys among many;
 * and a gpg that fails while the keys are tried. */

#include "seal_world.h"

enum { RING_MAX = 64 };

#define NOTHING ", so it protects nothing"

/* Which row of odd_keys.py, and what is said of it; NULL: it is usable. */
static const struct row {
    const char *name, *why;
    enum key_state state; /* KEY_WEAK: gpg would encrypt to it */
} rows[] = {
    {"honest-cv25519", NULL, KEY_USABLE},
    {"honest-p256", NULL, KEY_USABLE},
    {"honest-p384", NULL, KEY_USABLE},
    {"honest-p521", NULL, KEY_USABLE},
    {"honest-secp256k1", NULL, KEY_USABLE},
    {"honest-brainpool512", NULL, KEY_USABLE},
    {"honest-rsa", NULL, KEY_USABLE},
    {"rsa-16384", NULL, KEY_USABLE},
    {"honest-rsa-3072", NULL, KEY_USABLE},
    {"honest-rsa-exponent-3", NULL, KEY_USABLE},
    {"honest-rsa-exponent-41", NULL, KEY_USABLE},
    {"rsa-exponent-256-bits", NULL, KEY_USABLE},
    {"honest-cv25519-near-p", NULL, KEY_USABLE},
    {"honest-cv25519-two", NULL, KEY_USABLE},
    {"rsa-exponent-0", "its RSA exponent is 0, 1 or even" NOTHING, KEY_WEAK},
    {"rsa-exponent-1", "its RSA exponent is 0, 1 or even" NOTHING, KEY_WEAK},
    {"rsa-exponent-even", "its RSA exponent is 0, 1 or even" NOTHING, KEY_WEAK},
    {"rsa-exponent-257-bits", "its RSA exponent is longer than 256 bits", KEY_WEAK},
    {"rsa-huge-exponent", "its RSA exponent is longer than 256 bits", KEY_WEAK},
    {"rsa-even", "its RSA modulus has a small factor" NOTHING, KEY_WEAK},
    {"rsa-power-of-two", "its RSA modulus has a small factor" NOTHING, KEY_WEAK},
    {"rsa-factor-997", "its RSA modulus has a small factor" NOTHING, KEY_WEAK},
    {"cv25519-zero", "its point on the curve is of low order" NOTHING, KEY_WEAK},
    {"cv25519-one", "its point on the curve is of low order" NOTHING, KEY_WEAK},
    {"cv25519-low-order", "its point on the curve is of low order" NOTHING, KEY_WEAK},
    {"cv25519-low-order-with-the-high-bit", "its point on the curve is of low order" NOTHING, KEY_WEAK},
    {"cv25519-minus-one", "its point on the curve is of low order" NOTHING, KEY_WEAK},
    {"cv25519-p", "its point on the curve is of low order" NOTHING, KEY_WEAK},
    {"cv25519-p-plus-one", "its point on the curve is of low order" NOTHING, KEY_WEAK},
    {"primary-rsa-exponent-1", "the primary key: its RSA exponent is 0, 1 or even" NOTHING, KEY_WEAK},
    {"primary-ed25519-low-order", "the primary key: its point on the curve is of low order" NOTHING,
     KEY_WEAK},
    {"p192", "a session-key packet is not one that gpg writes", KEY_BROKEN},
    {"p224", "a session-key packet is not one that gpg writes", KEY_BROKEN},
    {"p256-cut-off", "gpg refuses it: Invalid object", KEY_BROKEN},
    {"p256-compressed", "gpg refuses it: Bad data", KEY_BROKEN},
    {"p256-no-point", "gpg refuses it: ", KEY_BROKEN},
    {"p256-point-of-another-curve", "gpg: ", KEY_BROKEN},
    {"cv25519-cut-off", "gpg refuses it: Bad data", KEY_BROKEN},
    {"cv25519-no-prefix", "gpg refuses it: Bad data", KEY_BROKEN},
    {"cv25519-too-long", "gpg refuses it: Invalid object", KEY_BROKEN},
    {"kdf-unknown-digest", "gpg refuses it: Bad public key", KEY_BROKEN},
    {"kdf-md5", "gpg refuses it: Bad public key", KEY_BROKEN},
    {"kdf-sha1", "gpg refuses it: Bad public key", KEY_BROKEN},
    {"kdf-unknown-cipher", "gpg refuses it: Bad public key", KEY_BROKEN},
    {"kdf-3des", "gpg refuses it: Bad public key", KEY_BROKEN},
    {"kdf-unknown-version", "gpg refuses it: Bad public key", KEY_BROKEN},
    {"curve-of-signatures", "gpg refuses it: Bad data", KEY_BROKEN},
};
enum { ROWS = sizeof rows / sizeof *rows };

struct odd {
    struct world world;
    char fingerprints[ROWS][41];
};

static void read_fingerprint(const struct world *world, const char *name, char fingerprint[41])
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/odd/%s.fpr", world->at.directory, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%40s", fingerprint), 1);
    (void)fclose(file);
}

static int odd_setup(void **state)
{
    struct odd *odd = calloc(1, sizeof *odd);
    *state = odd;
    if (!odd || world_open(&odd->world) != 0)
        return -1;
    if (shell(&odd->world.at,
              "/usr/bin/python3 -B " KHATM_SOURCE_DIR "/tests/support/odd_keys.py odd && "
              "rm odd/unknown-curve.asc && cat odd/*.asc | gpg --batch --quiet --import") != 0)
        return -1;
    for (size_t i = 0; i < ROWS; i++)
        read_fingerprint(&odd->world, rows[i].name, odd->fingerprints[i]);
    return 0;
}

static int odd_teardown(void **state)
{
    struct odd *odd = *state;
    sealer_free(odd->world.sealer);
    gpg_home_close(&odd->world.at);
    free(odd);
    return 0;
}

static struct sealer *open_sealer(const struct world *world, const char *const *wanted, size_t n)
{
    struct problem problem = {""};
    struct sealer *sealer = NULL;
    if (sealer_new(&world->settings, wanted, n, &sealer, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    return sealer;
}

static struct key_info look(const struct sealer *sealer, const char *fingerprint)
{
    struct key_info info;
    (void)!keys_find(sealer_keys(sealer), fingerprint, clock_wall_ms() / 1000, &info);
    return info;
}

static void expect_row(const struct sealer *sealer, const struct row *row, const char *fingerprint)
{
    struct key_info info = look(sealer, fingerprint);
    if (info.state != row->state || (row->why && !strstr(info.why, row->why)) || (!row->why && info.why[0]) ||
        (info.encryption_key_ids[0] != 0) != !row->why)
        fail_msg("%s: state %d, %s", row->name, (int)info.state, info.why);
}

/* Real messages go to whoever counts as usable, and to nobody else. */
static void seal_to(const struct world *world, struct sealer *sealer, const char *fingerprint, bool works)
{
    struct world own = *world;
    struct attempt attempt;
    const char *const to[] = {fingerprint};
    own.sealer = sealer;
    attempt_open(&own, &attempt, 1000);
    enum result result = attempt_seal(&own, &attempt, to, 1, false);
    attempt_close(&attempt);
    if ((result == RESULT_OK) != works)
        fail_msg("%s: %s", fingerprint, attempt.problem.text);
}

static void what_gpg_cannot_encrypt_to_is_not_usable(void **state)
{
    struct odd *odd = *state;
    const char *wanted[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        wanted[i] = odd->fingerprints[i];
    struct sealer *sealer = open_sealer(&odd->world, wanted, ROWS);
    struct problem problem = {""};
    assert_int_equal(sealer_trouble(sealer, &problem), RESULT_OK);
    assert_true(sealer_is_current(sealer));
    for (size_t i = 0; i < ROWS; i++) {
        expect_row(sealer, &rows[i], odd->fingerprints[i]);
        seal_to(&odd->world, sealer, odd->fingerprints[i], !rows[i].why);
    }
    sealer_free(sealer);
}

/* Wherever it stands among good ones. */
static void one_among_good_ones_is_found(void **state)
{
    struct odd *odd = *state;
    for (size_t i = 0; i < ROWS; i++) {
        const char *const wanted[] = {odd->world.alice, odd->world.bob, odd->fingerprints[i]};
        if (rows[i].state == KEY_WEAK) /* not tried */
            continue;
        struct sealer *sealer = open_sealer(&odd->world, wanted, 3);
        expect_row(sealer, &rows[i], odd->fingerprints[i]);
        assert_int_equal(look(sealer, odd->world.alice).state, KEY_USABLE);
        assert_int_equal(look(sealer, odd->world.bob).state, KEY_USABLE);
        sealer_free(sealer);
    }
}

/* Alone, what gpg refuses by name is broken; what it dies of might be gpg's own trouble. */
static void alone_it_is_told_from_a_broken_gpg(void **state)
{
    struct odd *odd = *state;
    for (size_t i = 0; i < ROWS; i++) {
        const char *const wanted[] = {odd->fingerprints[i]};
        if (rows[i].state == KEY_WEAK)
            continue;
        bool named = rows[i].why && strncmp(rows[i].why, "gpg refuses it", 14) == 0;
        struct sealer *sealer = open_sealer(&odd->world, wanted, 1);
        struct problem problem = {""};
        enum key_state expected = rows[i].state != KEY_BROKEN || named ? rows[i].state : KEY_UNKNOWN;
        enum result result = sealer_trouble(sealer, &problem);
        if (look(sealer, wanted[0]).state != expected ||
            result != (expected == KEY_UNKNOWN ? RESULT_TRY_LATER : RESULT_OK))
            fail_msg("%s: state %d, %s", rows[i].name, (int)look(sealer, wanted[0]).state, problem.text);
        sealer_free(sealer);
    }
}

static const struct {
    const char *mode, *problem;
} faults[] = {{"failing", "the keys cannot be tried: "},
              {"empty", "the keys cannot be tried: "},
              {"empty-success", "the keys cannot be tried: "},
              {"truncated", "the keys cannot be tried: "},
              {"trailing", "the keys cannot be tried: "},
              {"dead", "the keys cannot be tried: "},
              {"once", "the keys cannot be tried: "},
              {"stopped", "gpg did not answer in time"},
              {"wrong", "the keys cannot be tried: gpg: encrypted to other keys"},
              {"extra", "the keys cannot be tried: gpg: encrypted to other keys"}};

/* The ring in force stays, and so do its keys; at the start there is none, and nothing is said of any key. */
static void a_gpg_that_fails_makes_no_key_unusable(void **state)
{
    struct odd *odd = *state;
    struct world *world = &odd->world;
    struct sealing_settings quick = world->settings;
    const char *const wanted[] = {world->alice, world->bob, odd->fingerprints[0]};
    quick.deadline_ms = 2000;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct problem problem = {""}, again = {""};
        struct sealer *sealer = open_sealer(world, wanted, 3), *fresh = NULL;
        put_gpg(world, faults[i].mode);
        assert_int_equal(shell(&world->at, "rm -f bin/pids"), 0);
        enum result refreshed = sealer_refresh(sealer, &problem);
        assert_int_equal(shell(&world->at, "rm -f bin/pids"), 0);
        enum result started = sealer_new(&quick, wanted, 3, &fresh, &again);
        put_gpg(world, "real");
        if (refreshed != RESULT_TRY_LATER || !strstr(problem.text, faults[i].problem))
            fail_msg("%s: %s, %s", faults[i].mode, result_name(refreshed), problem.text);
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(look(sealer, wanted[k]).state, KEY_USABLE);
        seal_to(world, sealer, world->bob, true);
        assert_int_equal(started, RESULT_OK);
        assert_int_equal(sealer_trouble(fresh, &again), RESULT_TRY_LATER);
        assert_false(sealer_is_current(fresh));
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(look(fresh, wanted[k]).state, KEY_UNKNOWN);
        seal_to(world, fresh, world->bob, false);
        assert_int_equal(sealer_refresh(fresh, &problem), RESULT_OK);
        assert_int_equal(sealer_trouble(fresh, &again), RESULT_OK);
        assert_int_equal(look(fresh, world->bob).state, KEY_USABLE);
        sealer_free(fresh);
        sealer_free(sealer);
    }
}

/* A gpg that leaves one recipient out makes that one unusable at most. */
static void a_dropped_recipient_harms_no_other(void **state)
{
    struct odd *odd = *state;
    struct world *world = &odd->world;
    const char *const wanted[] = {world->alice, world->bob, odd->fingerprints[0], odd->fingerprints[1]};
    assert_int_equal(shell(&world->at, "echo %s >bin/victim", world->bob), 0);
    put_gpg(world, "leaves-out");
    struct sealer *sealer = open_sealer(world, wanted, 4);
    put_gpg(world, "real");
    for (size_t i = 0; i < 4; i++) {
        struct key_info info = look(sealer, wanted[i]);
        assert_int_equal(info.state, i == 1 ? KEY_BROKEN : KEY_USABLE);
    }
    /* Another gpg is another trial. */
    struct problem problem = {""};
    assert_false(sealer_is_current(sealer));
    assert_int_equal(sealer_refresh(sealer, &problem), RESULT_OK);
    assert_int_equal(look(sealer, world->bob).state, KEY_USABLE);
    sealer_free(sealer);
}

static void no_gpg_keeps_the_ring_in_force(void **state)
{
    struct odd *odd = *state;
    struct world *world = &odd->world;
    struct problem problem = {""};
    const char *const wanted[] = {world->alice};
    struct sealer *sealer = open_sealer(world, wanted, 1);
    put_gpg(world, "missing");
    enum result result = sealer_refresh(sealer, &problem);
    put_gpg(world, "real");
    assert_int_equal(result, RESULT_TRY_LATER);
    assert_int_equal(look(sealer, world->alice).state, KEY_USABLE);
    sealer_free(sealer);
}

/* The sound copy of a key comes, and is used without more ado. */
static void a_mended_key_is_usable(void **state)
{
    struct odd *odd = *state;
    struct world *world = &odd->world;
    struct problem problem = {""};
    char broken[41];
    read_fingerprint(world, "kdf-md5", broken);
    const char *const wanted[] = {world->alice, broken};
    struct sealer *sealer = open_sealer(world, wanted, 2);
    assert_int_equal(look(sealer, broken).state, KEY_BROKEN);
    assert_int_equal(shell(&world->at, "gpg --batch --quiet --import odd/kdf-md5.mended"), 0);
    assert_false(sealer_is_current(sealer));
    assert_int_equal(sealer_refresh(sealer, &problem), RESULT_OK);
    assert_int_equal(look(sealer, broken).state, KEY_USABLE);
    seal_to(world, sealer, broken, true);
    sealer_free(sealer);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_gpg_cannot_encrypt_to_is_not_usable),
    cmocka_unit_test(one_among_good_ones_is_found),
    cmocka_unit_test(alone_it_is_told_from_a_broken_gpg),
    cmocka_unit_test(a_gpg_that_fails_makes_no_key_unusable),
    cmocka_unit_test(a_dropped_recipient_harms_no_other),
    cmocka_unit_test(no_gpg_keeps_the_ring_in_force),
    cmocka_unit_test(a_mended_key_is_usable),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, odd_setup, odd_teardown);
}
