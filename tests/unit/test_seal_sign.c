/* SPDX-License-Identifier: Apache-2.0 */

/* What is sealed is signed by the key of a home of its own, by Ed25519, RSA or a subkey, and verified here by
 * the real gpg. A key that cannot sign is told by name, nothing is sealed until it can, and nothing leaves
 * unsigned. */

#include "seal_world.h"

/* A home of its own below the scratch directory, beside that of the public keys; another each time. */
static struct gpg_home make_home(const struct world *world)
{
    static unsigned n;
    struct gpg_home home = world->at;
    (void)snprintf(home.home, sizeof home.home, "%s/sign%u", world->at.directory, n++);
    assert_int_equal(shell(&world->at, "mkdir -m 700 %s", home.home), 0);
    return home;
}

static const char *make_signer(const struct gpg_home *home, const char *algorithm, const char *expire)
{
    static char fingerprint[41];
    assert_true(
        gpg_home_make_key(home, "Gateway <gw@own.example>", algorithm, NULL, expire, "", fingerprint));
    return fingerprint;
}

static enum result start(const struct world *world, const struct gpg_home *home, const char *key,
                         struct sealer **sealer_out, struct problem *problem)
{
    const char *const wanted[] = {world->alice, world->bob};
    const struct signing_settings signing = {home->home, key};
    struct sealing_settings settings = world->settings;
    settings.signing = &signing;
    return sealer_new(&settings, wanted, 2, sealer_out, problem);
}

static struct world signing_world(const struct world *world, const struct gpg_home *home, const char *key)
{
    struct world signing = *world;
    struct problem problem = {""};
    if (start(world, home, key, &signing.sealer, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    return signing;
}

static void know(const struct world *world, const struct gpg_home *home, const char *key)
{
    assert_int_equal(shell(&world->at, "GNUPGHOME=%s gpg --batch --export %s | gpg --batch --quiet --import",
                           home->home, key),
                     0);
}

/* In the last message opened there is one good signature, by this key or a subkey of it. */
static void check_signed(const struct world *world, const char *key)
{
    assert_int_equal(shell(&world->at,
                           "gpg --batch --status-fd 3 --decrypt body 3>status >opened && "
                           "grep -c NEWSIG status | grep -qx 1 && grep -c GOODSIG status | grep -qx 1 && "
                           "grep -q 'VALIDSIG .* 10 00 %s$' status",
                           key),
                     0);
}

static bool is_signed(const struct world *signing, const struct gpg_home *home, const char *key, size_t size,
                      bool hide)
{
    const char *const both[] = {signing->alice, signing->bob};
    struct attempt attempt;
    attempt_open(signing, &attempt, size);
    enum result result = attempt_seal(signing, &attempt, both, 2, hide);
    if (result == RESULT_OK) {
        know(signing, home, key);
        check_opens(signing, &attempt, signing->alice);
        check_signed(signing, key);
    } else {
        print_message("# %s\n", attempt.problem.text);
    }
    attempt_close(&attempt);
    return result == RESULT_OK;
}

static void what_is_sealed_is_signed(void **state)
{
    struct world *world = *state;
    const char *const algorithms[] = {"ed25519", "rsa2048", "nistp256"};
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        struct gpg_home home = make_home(world);
        char key[41];
        memcpy(key, make_signer(&home, algorithms[i], "never"), sizeof key);
        struct world signing = signing_world(world, &home, key);
        assert_true(is_signed(&signing, &home, key, 4096, false));
        assert_true(is_signed(&signing, &home, key, 0, true));
        assert_true(i || is_signed(&signing, &home, key, 25 << 20, false));
        sealer_free(signing.sealer);
    }
}

/* The key of the domain lies elsewhere; here is a subkey of it that signs, and nothing that opens. A newer
 * one that has no secret half here is not tried. */
static void a_subkey_signs_alone(void **state)
{
    struct world *world = *state;
    struct gpg_home whole = make_home(world), home = make_home(world);
    char key[41];
    memcpy(key, make_signer(&whole, "ed25519", "never"), sizeof key);
    assert_int_equal(
        shell(&whole, "gpg --batch --quiet --passphrase '' --quick-add-key %s cv25519 encrypt never", key),
        0);
    assert_int_equal(
        shell(&whole, "gpg --batch --quiet --passphrase '' --quick-add-key %s ed25519 sign never", key), 0);
    assert_int_equal(
        shell(&whole,
              "sub=$(gpg --batch --with-colons --list-keys %s | "
              "awk -F: '/^sub/ && $12 ~ /s/{found = 1} /^fpr/ && found{print $10; exit}') && "
              "gpg --batch --export-secret-subkeys $sub! | gpg --homedir %s --batch --quiet --import",
              key, home.home),
        0);
    assert_int_equal(
        shell(&whole, "gpg --batch --quiet --passphrase '' --quick-add-key %s ed25519 sign never", key), 0);
    assert_int_equal(
        shell(&whole, "gpg --batch --export %s | gpg --homedir %s --batch --quiet --import", key, home.home),
        0);
    struct world signing = signing_world(world, &home, key);
    assert_true(is_signed(&signing, &home, key, 4096, false));
    sealer_free(signing.sealer);
}

/* Of a home that holds more, the agent of the sealer gets the one secret key that signs. */
static void only_what_signs_is_at_hand(void **state)
{
    struct world *world = *state;
    struct gpg_home home = make_home(world);
    char key[41];
    memcpy(key, make_signer(&home, "ed25519", "never"), sizeof key);
    assert_int_equal(
        shell(&home, "gpg --batch --quiet --passphrase '' --quick-add-key %s cv25519 encrypt never", key), 0);
    assert_int_equal(shell(&home, "ls %s/private-keys-v1.d | wc -l | grep -qx 2", home.home), 0);
    assert_int_equal(shell(&world->at, "rm -rf work/ring-*"), 0);
    struct world signing = signing_world(world, &home, key);
    assert_true(is_signed(&signing, &home, key, 100, false));
    assert_int_equal(shell(&home, "cat work/ring-*/private-keys-v1.d/* | wc -c | grep -vqx 0 && "
                                  "ls work/ring-*/private-keys-v1.d | wc -l | grep -qx 1"),
                     0);
    sealer_free(signing.sealer);
}

static void read_key(const struct gpg_home *home, char key[41])
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/fingerprint", home->directory);
    FILE *file = fopen(path, "r");
    assert_true(file && fscanf(file, "%40s", key) == 1);
    (void)fclose(file);
}

/* As who copies files by hand might. gpg asks for a key by name, and takes whatever signature comes back. */
static void put_another_under_its_name(const struct gpg_home *home)
{
    static char other[41];
    assert_int_equal(shell(home, "ls %s/private-keys-v1.d >named", home->home), 0);
    assert_true(gpg_home_make_key(home, "Other <other@own.example>", "ed25519", NULL, "never", "", other));
    assert_int_equal(shell(home,
                           "cd %s/private-keys-v1.d && read -r first <../../named && "
                           "for one in *.key; do [ $one = $first ] || mv -f $one $first; done",
                           home->home),
                     0);
    assert_int_equal(shell(home, "gpgconf --homedir %s --kill gpg-agent", home->home), 0);
}

/* Makes a home in which a key cannot sign; the key's fingerprint. */
static const char *make_useless(const struct gpg_home *home, const char *how)
{
    static const char elsewhere[] = "0123456789ABCDEF0123456789ABCDEF01234567";
    static char key[41];
    bool expired = strcmp(how, "expired") == 0, weak = strcmp(how, "weak") == 0;
    if (strcmp(how, "home missing") == 0)
        assert_int_equal(shell(home, "rmdir %s", home->home), 0);
    if (strcmp(how, "home missing") == 0 || strcmp(how, "home empty") == 0)
        return elsewhere;
    if (strcmp(how, "passphrase") == 0) {
        assert_int_equal(shell(home, "gpg --batch --quiet --pinentry-mode loopback --passphrase secret "
                                     "--quick-generate-key 'Gateway <gw@own.example>' ed25519 sign never && "
                                     "gpg --batch --with-colons --list-keys | "
                                     "awk -F: '/^fpr/{print $10; exit}' >fingerprint"),
                         0);
        read_key(home, key);
        return key;
    }
    assert_true(gpg_home_make_key(home, "Gateway <gw@own.example>", weak ? "rsa1024" : "ed25519", NULL,
                                  expired ? "1y" : "never",
                                  expired ? "--faked-system-time 20200102T000000!" : "", key));
    if (strcmp(how, "no secret half") == 0)
        assert_int_equal(shell(home, "rm -rf %s/private-keys-v1.d", home->home), 0);
    if (strcmp(how, "revoked") == 0)
        assert_int_equal(
            shell(home, "sed 's/^:-----/-----/' %s/openpgp-revocs.d/%s.rev | gpg --batch --quiet --import",
                  home->home, key),
            0);
    if (strcmp(how, "another's secret half") == 0)
        put_another_under_its_name(home);
    return strcmp(how, "another") == 0 ? elsewhere : key;
}

static const struct {
    const char *how, *says;
} useless[] = {
    {"home missing", "holds no keys that we may read"},
    {"home empty", "holds no keys that we may read"},
    {"another", "holds no key 0123456789ABCDEF0123456789ABCDEF01234567"},
    {"no secret half", "the secret half"},
    {"expired", "expired on 2021-01-01: renew it"},
    {"revoked", "is revoked"},
    {"weak", "too weak"},
    {"passphrase", "it must have no passphrase"},
    {"another's secret half", "another key lies there"},
};

/* The keys of recipients can be told all the same: whoever has none is refused for that. */
static void a_key_that_cannot_sign_is_told_and_nothing_is_sealed(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof useless / sizeof *useless; i++) {
        struct gpg_home home = make_home(world);
        struct world signing = *world;
        struct problem problem = {""}, trouble = {""};
        struct key_info info;
        int64_t ends;
        print_message("# %s\n", useless[i].how);
        const char *key = make_useless(&home, useless[i].how);
        assert_int_equal(start(world, &home, key, &signing.sealer, &problem), RESULT_OK);
        assert_int_equal(sealer_can_sign(signing.sealer, clock_wall_ms() / 1000, &ends, &trouble),
                         RESULT_TRY_LATER);
        print_message("# %s\n", trouble.text);
        assert_non_null(strstr(trouble.text, useless[i].says));
        assert_non_null(strstr(trouble.text, home.home));
        assert_int_equal(keys_find(sealer_keys(signing.sealer), world->alice, clock_wall_ms() / 1000, &info),
                         RESULT_OK);
        assert_int_equal(info.state, KEY_USABLE);
        assert_true(seal_once(&signing, 100, useless[i].says));
        assert_true(seal_once(&signing, 100, useless[i].says));
        sealer_free(signing.sealer);
    }
}

/* From its last second on; renewing it mends that, without a restart. */
static void a_key_that_ends_is_renewed(void **state)
{
    struct world *world = *state;
    struct gpg_home home = make_home(world);
    struct problem problem = {""};
    char key[41];
    int64_t ends = 0, now = clock_wall_ms() / 1000, day = 24 * 3600;
    memcpy(key, make_signer(&home, "ed25519", "1y"), sizeof key);
    struct world signing = signing_world(world, &home, key);
    assert_true(is_signed(&signing, &home, key, 100, false));
    assert_int_equal(sealer_can_sign(signing.sealer, now, &ends, &problem), RESULT_OK);
    assert_true(ends > now + 364 * day && ends <= now + 366 * day);
    assert_int_equal(sealer_can_sign(signing.sealer, ends - 1, &ends, &problem), RESULT_OK);
    assert_int_equal(sealer_can_sign(signing.sealer, ends, &ends, &problem), RESULT_TRY_LATER);
    assert_non_null(strstr(problem.text, "expired on"));
    assert_int_equal(shell(&home, "gpg --batch --quiet --passphrase '' --quick-set-expire %s 5y", key), 0);
    assert_int_equal(sealer_refresh(signing.sealer, &problem), RESULT_OK);
    assert_int_equal(sealer_can_sign(signing.sealer, ends, &ends, &problem), RESULT_OK);
    assert_true(ends > now + 4 * 365 * day);
    assert_true(is_signed(&signing, &home, key, 100, false));
    sealer_free(signing.sealer);
}

/* What was broken when the ring was made is looked at again, whether or not a file changed. */
static void a_mended_key_is_found_at_the_next_look(void **state)
{
    struct world *world = *state, signing = *world;
    struct gpg_home home = make_home(world);
    struct problem problem = {""};
    char key[41];
    memcpy(key, make_signer(&home, "ed25519", "never"), sizeof key);
    assert_int_equal(shell(&home, "mv %s %s.away", home.home, home.home), 0);
    assert_int_equal(start(world, &home, key, &signing.sealer, &problem), RESULT_OK);
    assert_true(seal_once(&signing, 100, "holds no keys"));
    assert_int_equal(shell(&home, "mv %s.away %s", home.home, home.home), 0);
    assert_int_equal(sealer_refresh(signing.sealer, &problem), RESULT_OK);
    assert_true(is_signed(&signing, &home, key, 100, false));
    sealer_free(signing.sealer);
}

/* The agent dies with the key still there: gpg starts another. The secret key goes: nothing leaves. */
static void agent_and_secret_that_go_meanwhile(void **state)
{
    struct world *world = *state;
    struct gpg_home home = make_home(world);
    char key[41];
    memcpy(key, make_signer(&home, "ed25519", "never"), sizeof key);
    assert_int_equal(shell(&world->at, "rm -rf work/ring-*"), 0);
    struct world signing = signing_world(world, &home, key);
    assert_int_equal(
        shell(&home, "for d in work/ring-*; do gpgconf --homedir $PWD/$d --kill gpg-agent; done"), 0);
    assert_true(is_signed(&signing, &home, key, 100, false));
    assert_int_equal(shell(&home,
                           "mv %s/private-keys-v1.d away; for d in work/ring-*; do "
                           "gpgconf --homedir $PWD/$d --kill gpg-agent; done",
                           home.home),
                     0);
    assert_true(seal_once(&signing, 100, "gpg"));
    assert_int_equal(shell(&home, "mv away %s/private-keys-v1.d", home.home), 0);
    assert_true(is_signed(&signing, &home, key, 100, false));
    sealer_free(signing.sealer);
}

static int signal_agents(const struct world *world, const char *signal)
{
    return shell(&world->at,
                 "for d in work/ring-*; do s=$PWD/$d; for p in /proc/[0-9]*; do "
                 "grep -qs gpg-agent $p/comm && tr '\\0' ' ' <$p/cmdline | grep -qF $s && "
                 "kill -%s ${p#/proc/} && echo x; done; done | grep -q .",
                 signal);
}

/* An agent that does not answer, and the same agent or another later on. */
static void agent_that_hangs(void **state)
{
    struct world *world = *state, signing = *world;
    struct gpg_home home = make_home(world);
    struct problem problem = {""};
    char key[41];
    memcpy(key, make_signer(&home, "ed25519", "never"), sizeof key);
    assert_int_equal(shell(&world->at, "rm -rf work/ring-*"), 0);
    signing.settings.deadline_ms = 3000;
    assert_int_equal(start(&signing, &home, key, &signing.sealer, &problem), RESULT_OK);
    for (const char *const *end = (const char *const[]){"CONT", "KILL", NULL}; *end; end++) {
        assert_true(is_signed(&signing, &home, key, 100, false));
        assert_int_equal(signal_agents(&signing, "STOP"), 0);
        bool refused = seal_once(&signing, 100, "did not answer in time");
        int ended = signal_agents(&signing, *end);
        assert_true(refused);
        assert_int_equal(ended, 0);
        assert_true(is_signed(&signing, &home, key, 100, false));
    }
    sealer_free(signing.sealer);
}

/* A gpg that encrypts well and does not sign as it should. */
static void gpg_that_signs_otherwise_is_refused(void **state)
{
    static const struct {
        const char *mode, *says;
    } lies[] = {
        {"unsigned", "gpg: encrypting"},
        {"signed-twice", "2 signatures instead of one"},
        {"signed-weakly", "did not sign with the key"},
        {"signed-by-another", "did not sign with the key"},
        {"truncated", "ends in the middle"},
        {"empty-success", "gpg"},
        {"wrong", "gpg"},
    };
    struct world *world = *state;
    struct gpg_home home = make_home(world);
    char key[41];
    memcpy(key, make_signer(&home, "rsa2048", "never"), sizeof key);
    struct world signing = signing_world(world, &home, key);
    struct gpg_home stranger = world->at;
    (void)snprintf(stranger.home, sizeof stranger.home, "%s/bin/home", world->at.directory);
    assert_int_equal(shell(&world->at, "echo %s >bin/twin", make_signer(&stranger, "ed25519", "never")), 0);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        print_message("# %s\n", lies[i].mode);
        put_gpg(world, lies[i].mode);
        bool refused = seal_once(&signing, 100000, lies[i].says);
        put_gpg(world, "real");
        assert_true(refused);
        assert_true(is_signed(&signing, &home, key, 4096, false));
    }
    sealer_free(signing.sealer);
}

static void many_callers_sign_at_once(void **state)
{
    struct world *world = *state;
    struct gpg_home home = make_home(world);
    char key[41];
    memcpy(key, make_signer(&home, "ed25519", "never"), sizeof key);
    struct world signing = signing_world(world, &home, key);
    struct caller callers[4];
    for (size_t i = 0; i < 4; i++) {
        callers[i] = (struct caller){.world = &signing};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
        assert_int_equal(callers[i].good, 10);
    }
    sealer_free(signing.sealer);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_sealed_is_signed),
    cmocka_unit_test(a_subkey_signs_alone),
    cmocka_unit_test(only_what_signs_is_at_hand),
    cmocka_unit_test(a_key_that_cannot_sign_is_told_and_nothing_is_sealed),
    cmocka_unit_test(a_key_that_ends_is_renewed),
    cmocka_unit_test(a_mended_key_is_found_at_the_next_look),
    cmocka_unit_test(agent_and_secret_that_go_meanwhile),
    cmocka_unit_test(agent_that_hangs),
    cmocka_unit_test(gpg_that_signs_otherwise_is_refused),
    cmocka_unit_test(many_callers_sign_at_once),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
