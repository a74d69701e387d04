/* SPDX-License-Identifier: Apache-2.0 */

/* A ring of more than a hundred keys: gpg looks first into an excerpt that holds the keys of the message and
 * no other, and what becomes of the excerpt changes nothing. */

#include "seal_world.h"

enum { MANY = 150, KEYS = MANY + 2 };

struct many {
    struct world world;
    bool resident; /* one gpg stays */
    char names[KEYS][41];
};

static void read_names(struct many *many)
{
    char path[128];
    size_t n = 0;
    assert_int_equal(shell(&many->world.at, "gpg --batch --with-colons --list-keys | "
                                            "awk -F: '/^pub/{p=1} /^fpr/&&p{print $10; p=0}' >names"),
                     0);
    (void)snprintf(path, sizeof path, "%s/names", many->world.at.directory);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (n < KEYS && fscanf(file, "%40s", many->names[n]) == 1)
        n++;
    (void)fclose(file);
    assert_int_equal(n, KEYS);
}

static void open_sealer(struct many *many, const struct signing_settings *signing)
{
    const char *wanted[KEYS];
    struct problem problem = {""};
    for (size_t i = 0; i < KEYS; i++)
        wanted[i] = many->names[i];
    sealer_free(many->world.sealer);
    many->world.settings.slots = 1;
    many->world.settings.resident = many->resident;
    many->world.settings.signing = signing;
    if (sealer_new(&many->world.settings, wanted, KEYS, &many->world.sealer, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
}

static int setup_many(void **state)
{
    static struct many many;
    *state = &many;
    if (world_open(&many.world) != 0)
        return -1;
    if (shell(&many.world.at,
              "/usr/bin/python3 -B " KHATM_SOURCE_DIR
              "/tests/support/many_keys.py %d | gpg --batch --quiet --import",
              MANY) != 0)
        return -1;
    read_names(&many);
    open_sealer(&many, NULL);
    return 0;
}

static int teardown_many(void **state)
{
    struct many *many = *state;
    sealer_free(many->world.sealer);
    int left = shell(&many->world.at, "test -z \"$(ls work)\"");
    gpg_home_close(&many->world.at);
    return left;
}

static void seals(struct many *many, const char *const *to, size_t n, const char *opens)
{
    struct attempt attempt;
    attempt_open(&many->world, &attempt, 4096);
    enum result result = attempt_seal(&many->world, &attempt, to, n, false);
    assert_string_equal(attempt.problem.text, "");
    assert_int_equal(result, RESULT_OK);
    if (opens)
        check_opens(&many->world, &attempt, opens);
    attempt_close(&attempt);
}

/* How many keys there are in the excerpt. */
static void excerpt_holds(const struct many *many, unsigned n)
{
    assert_int_equal(
        shell(&many->world.at,
              "export GNUPGHOME=$PWD; cd work; gpg --batch --no-default-keyring --keyring "
              "gnupg-kbx:$(ls -t $PWD/ring-*/slots/*/few.kbx | head -n 1) --with-colons --list-keys | "
              "grep -c ^pub | grep -qx %u",
              n),
        0);
}

static int a_gpg_each(void **state)
{
    struct many *many = *state;
    many->resident = false;
    open_sealer(many, NULL);
    return 0;
}

static int one_that_stays(void **state)
{
    struct many *many = *state;
    many->resident = true;
    open_sealer(many, NULL);
    return 0;
}

static void an_excerpt_holds_the_keys_of_the_message(void **state)
{
    struct many *many = *state;
    const char *alice = many->world.alice, *const both[] = {many->world.bob, alice};
    const char *all[40];
    seals(many, &alice, 1, alice);
    excerpt_holds(many, 1);
    seals(many, both, 2, many->world.bob);
    excerpt_holds(many, 2);
    for (size_t i = 0; i < 40; i++)
        all[i] = many->names[i * KEYS / 40];
    seals(many, all, 40, NULL);
    excerpt_holds(many, 40);
    seals(many, &alice, 1, alice);
    excerpt_holds(many, 1);
}

static void without_it_the_ring_is_searched(void **state)
{
    static const char *const harms[] = {
        "rm -r work/ring-*/slots/*",
        "chmod 500 work/ring-*/slots/*",
    };
    struct many *many = *state;
    const char *const each[] = {many->world.alice, many->world.bob};
    for (size_t i = 0; i < sizeof harms / sizeof *harms; i++) {
        seals(many, &each[i % 2], 1, each[i % 2]);
        assert_int_equal(shell(&many->world.at, "%s", harms[i]), 0);
        seals(many, &each[(i + 1) % 2], 1, each[(i + 1) % 2]);
        assert_int_equal(shell(&many->world.at, "chmod 700 work/ring-*/slots/* 2>>log; true"), 0);
        open_sealer(many, NULL);
    }
}

/* At worst the first message waits, and then it has a new one. */
static void a_damaged_one_is_replaced(void **state)
{
    static const char *const harms[] = {
        "for f in work/ring-*/slots/*/few.kbx; do truncate -s 100 $f; done",
        "for f in work/ring-*/slots/*/few.kbx; do truncate -s 0 $f; done",
        "for f in work/ring-*/slots/*/few.kbx; do head -c 3000 /dev/urandom >$f; done",
        "for f in work/ring-*/slots/*/few.kbx; do rm $f; mkdir $f; done",
    };
    struct many *many = *state;
    const char *alice = many->world.alice, *bob = many->world.bob;
    for (size_t i = 0; i < sizeof harms / sizeof *harms; i++) {
        struct attempt attempt;
        seals(many, &alice, 1, alice);
        assert_int_equal(shell(&many->world.at, "%s", harms[i]), 0);
        attempt_open(&many->world, &attempt, 4096);
        enum result result = attempt_seal(&many->world, &attempt, &alice, 1, false);
        print_message("# %s: %d %s\n", harms[i], (int)result, attempt.problem.text);
        if (result == RESULT_OK)
            check_opens(&many->world, &attempt, alice);
        else
            assert_int_equal(result, RESULT_TRY_LATER);
        attempt_close(&attempt);
        seals(many, &alice, 1, alice);
        seals(many, &bob, 1, bob);
        open_sealer(many, NULL);
    }
}

static void who_signs_is_in_it(void **state)
{
    struct many *many = *state;
    const char *alice = many->world.alice;
    struct gpg_home home = many->world.at;
    char signer[41];
    (void)snprintf(home.home, sizeof home.home, "%s/sign", many->world.at.directory);
    assert_int_equal(shell(&many->world.at, "mkdir -m 700 sign"), 0);
    assert_true(gpg_home_make_key(&home, "Gateway <gw@own.example>", "ed25519", NULL, "never", "", signer));
    const struct signing_settings signing = {home.home, signer};
    open_sealer(many, &signing);
    seals(many, &alice, 1, NULL);
    excerpt_holds(many, 2);
    assert_int_equal(
        shell(&many->world.at, "GNUPGHOME=sign gpg --batch --export | gpg --batch --quiet --import"), 0);
    seals(many, &alice, 1, alice);
    open_sealer(many, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_excerpt_holds_the_keys_of_the_message, a_gpg_each),
        cmocka_unit_test_setup(an_excerpt_holds_the_keys_of_the_message, one_that_stays),
        cmocka_unit_test_setup(without_it_the_ring_is_searched, a_gpg_each),
        cmocka_unit_test_setup(without_it_the_ring_is_searched, one_that_stays),
        cmocka_unit_test_setup(a_damaged_one_is_replaced, a_gpg_each),
        cmocka_unit_test_setup(a_damaged_one_is_replaced, one_that_stays),
        cmocka_unit_test_setup(who_signs_is_in_it, a_gpg_each),
    };
    return cmocka_run_group_tests(tests, setup_many, teardown_many);
}
