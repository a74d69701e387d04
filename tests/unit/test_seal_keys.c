/* SPDX-License-Identifier: Apache-2.0 */

/* Keys as an admin's ring may hold them, made by the real gpg: which are usable, since when the others are
 * not; and how the working ring follows the admin's, which is never written to. */

#include "seal/seal.h"

#include "gpg_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

enum { KEYS = 13, YEAR = 365 * 86400 };

#define AGO(years) "--faked-system-time 20" years "0101T000000!"

/* How each key came to be: `after` is a shell command with FPR set. expires: what gpg is told. */
static const struct row {
    const char *name, *primary, *subkey, *expires, *made, *after;
    enum key_state state;
    bool has_time;
    const char *algorithm;
} rows[KEYS] = {
    {"curve", "ed25519", "cv25519", "never", "", "", KEY_USABLE, false, "cv25519"},
    {"rsa 3072", "rsa3072", "rsa3072", "3y", "", "", KEY_USABLE, false, "rsa3072"},
    {"two subkeys", "ed25519", "rsa2048", "never", AGO("20"),
     "gpg --batch --passphrase '' --quick-add-key $FPR cv25519 encrypt", KEY_USABLE, false, "cv25519"},
    {"expired", "ed25519", "cv25519", "1y", AGO("20"), "", KEY_EXPIRED, true, NULL},
    {"subkey expired", "ed25519", NULL, "never", AGO("20"),
     "gpg --batch --passphrase '' " AGO("20") " --quick-add-key $FPR cv25519 encrypt 1y", KEY_EXPIRED, true,
     NULL},
    {"one of two subkeys expired", "ed25519", "cv25519", "never", AGO("20"),
     "gpg --batch --passphrase '' " AGO("21") " --quick-add-key $FPR rsa2048 encrypt 1y", KEY_USABLE, false,
     "cv25519"},
    {"revoked", "ed25519", "cv25519", "never", AGO("20"),
     "sed 's/^:---/---/' home/openpgp-revocs.d/$FPR.rev | gpg --batch --import", KEY_REVOKED, true, NULL},
    {"subkey revoked", "ed25519", "cv25519", "never", "",
     "printf 'key 1\\nrevkey\\ny\\n0\\n\\ny\\nsave\\n' | gpg --no-tty --yes --command-fd 0 --edit-key $FPR",
     KEY_REVOKED, false, NULL},
    {"sign only", "ed25519", NULL, "never", "", "", KEY_SIGN_ONLY, false, NULL},
    {"disabled", "ed25519", "cv25519", "never", "",
     "printf 'disable\\nsave\\n' | gpg --no-tty --command-fd 0 --edit-key $FPR", KEY_DISABLED, false, NULL},
    {"rsa 1024", "rsa1024", "rsa1024", "never", "", "", KEY_WEAK, false, "rsa1024"},
    {"rsa 1024 subkey", "ed25519", "rsa1024", "never", "", "", KEY_WEAK, false, "rsa1024"},
    {"elgamal", "ed25519", "elg1024", "never", "", "", KEY_WEAK, false, "elg1024"},
};

struct world {
    struct gpg_home at;
    char fingerprints[KEYS][41];
    const char *wanted[KEYS + 3];
    char subkey[41], work[128];
    struct sealing_settings settings;
    struct sealer *sealer;
};

static bool make_keys(struct world *world)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (!gpg_home_make_key(&world->at, rows[i].name, rows[i].primary, rows[i].subkey, rows[i].expires,
                               rows[i].made, world->fingerprints[i]) ||
            (rows[i].after[0] &&
             shell(&world->at, "export FPR=%s; %s", world->fingerprints[i], rows[i].after) != 0))
            return false;
        world->wanted[i] = world->fingerprints[i];
    }
    return true;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct problem problem = {""};
    *state = world;
    if (!world || !gpg_home_open(&world->at) || !make_keys(world))
        return -1;
    (void)snprintf(world->work, sizeof world->work, "%s/work", world->at.directory);
    world->wanted[KEYS] = "0123456789ABCDEF0123456789ABCDEF01234567";
    world->wanted[KEYS + 1] = "not a fingerprint";
    world->wanted[KEYS + 2] = "ABCDEF01";
    world->settings = (struct sealing_settings){
        .program = KHATM_BUILD_DIR "/khatm-sealer",
        .gpg = "/usr/bin/gpg",
        .homedir = world->at.home,
        .work_directory = world->work,
        .slots = 2,
        .wait_ms = 20000,
        .deadline_ms = 20000,
        .rsa_min_bits = 2048,
        .refresh_ms = 60000,
    };
    if (shell(&world->at, "gpgconf --kill all; find home -type f ! -name '*.lock' -printf '%%p %%s %%T@ "
                          "%%C@\\n' | sort >before") != 0 ||
        sealer_new(&world->settings, world->wanted, KEYS + 3, &world->sealer, &problem) != RESULT_OK) {
        (void)fprintf(stderr, "%s\n", problem.text);
        return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    sealer_free(world->sealer);
    gpg_home_close(&world->at);
    free(world);
    return 0;
}

static void states_are_told(void **state)
{
    struct world *world = *state;
    time_t now = time(NULL);
    for (size_t i = 0; i < KEYS; i++) {
        struct key_info info;
        assert_int_equal(keys_find(sealer_keys(world->sealer), world->fingerprints[i], now, &info),
                         RESULT_OK);
        if (info.state != rows[i].state)
            fail_msg("%s: state %d", rows[i].name, (int)info.state);
        /* Made in 2020, so what ran out did in 2021, and what was revoked was so between then and now. */
        if (rows[i].has_time != (info.time >= 1577836800 && info.time <= now) ||
            (!rows[i].has_time && info.time))
            fail_msg("%s: time %lld", rows[i].name, (long long)info.time);
        if (rows[i].algorithm && strcmp(info.algorithm, rows[i].algorithm) != 0)
            fail_msg("%s: algorithm %s", rows[i].name, info.algorithm);
        assert_string_equal(info.user_id, rows[i].name);
        assert_string_equal(info.fingerprint, world->fingerprints[i]);
        assert_int_equal(info.encryption_key_ids[0] != 0, info.state == KEY_USABLE);
        assert_int_equal(info.encryption_key_ids[1], 0);
    }
}

static void expiry_is_judged_at_the_instant_asked(void **state)
{
    struct world *world = *state;
    struct key_info info;
    time_t now = time(NULL);
    const char *rsa = world->fingerprints[1], *expired = world->fingerprints[3];
    assert_int_equal(keys_find(sealer_keys(world->sealer), rsa, now, &info), RESULT_OK);
    int64_t expires = info.expires;
    assert_in_range(expires, now + 2L * YEAR, now + 4L * YEAR);
    assert_int_equal(keys_find(sealer_keys(world->sealer), rsa, expires - 1, &info), RESULT_OK);
    assert_int_equal(info.state, KEY_USABLE);
    assert_int_equal(keys_find(sealer_keys(world->sealer), rsa, expires, &info), RESULT_OK);
    assert_int_equal(info.state, KEY_EXPIRED);
    assert_int_equal(info.time, expires);
    /* It was good then; nobody has encrypted to it since. */
    assert_int_equal(keys_find(sealer_keys(world->sealer), expired, 1577836800 + 1000, &info), RESULT_OK);
    assert_int_equal(info.state, KEY_UNKNOWN);
}

static void what_is_not_pinned_is_missing(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {"0123456789ABCDEF0123456789ABCDEF01234567", "not a fingerprint", "",
                                        "ABCDEF01", "0123456789ABCDEF0123456789ABCDEF0123456789"};
    struct key_info info;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(keys_find(sealer_keys(world->sealer), names[i], time(NULL), &info),
                         RESULT_NOT_FOUND);
        assert_int_equal(info.state, KEY_MISSING);
    }
    char lower[41];
    for (size_t i = 0; i < sizeof lower; i++)
        lower[i] = (char)(world->fingerprints[0][i] | (world->fingerprints[0][i] >= 'A' ? 0x20 : 0));
    assert_int_equal(keys_find(sealer_keys(world->sealer), lower, time(NULL), &info), RESULT_OK);
    assert_int_equal(info.state, KEY_USABLE);
}

static void the_admins_ring_is_not_touched(void **state)
{
    struct world *world = *state;
    assert_int_equal(
        shell(&world->at,
              "find home -type f ! -name '*.lock' -printf '%%p %%s %%T@ %%C@\\n' | sort | { ls -la "
              "work/ring-* >&2; diff before - >&2; }"),
        0);
}

static void the_working_ring_is_private_and_read_only(void **state)
{
    struct world *world = *state;
    assert_int_equal(shell(&world->at,
                           "test $(stat -c %%a work) = 700 && test $(ls -d work/ring-* | wc -l) = 1 && "
                           "test $(stat -c %%a work/ring-*) = 500 && "
                           "test $(stat -c %%a work/ring-*/* | sort -u) = 400 && "
                           "grep -qx no-random-seed-file work/ring-*/gpg.conf && "
                           "! test -e work/ring-*/private-keys-v1.d"),
                     0);
}

static enum key_state state_of(const struct world *world, size_t i)
{
    struct key_info info;
    (void)!keys_find(sealer_keys(world->sealer), world->fingerprints[i], time(NULL), &info);
    return info.state;
}

static void refresh_follows_the_admins_ring(void **state)
{
    struct world *world = *state;
    struct problem problem = {""};
    assert_int_equal(shell(&world->at, "ls -d work/ring-* >ring"), 0);
    assert_int_equal(sealer_refresh(world->sealer, &problem), RESULT_OK);
    assert_int_equal(shell(&world->at, "ls -d work/ring-* | cmp - ring"), 0);
    assert_int_equal(
        shell(&world->at,
              "gpg --batch --export %s >kept && gpg --batch --yes --delete-secret-and-public-key %s",
              world->fingerprints[0], world->fingerprints[0]),
        0);
    assert_int_equal(state_of(world, 0), KEY_USABLE);
    assert_int_equal(sealer_refresh(world->sealer, &problem), RESULT_OK);
    assert_int_equal(state_of(world, 0), KEY_MISSING);
    assert_int_equal(state_of(world, 1), KEY_USABLE);
    assert_int_equal(shell(&world->at, "! ls -d work/ring-* | cmp -s - ring && test $(ls work | wc -l) = 1"),
                     0);
    assert_int_equal(shell(&world->at, "gpg --batch --import kept"), 0);
    assert_int_equal(sealer_refresh(world->sealer, &problem), RESULT_OK);
    assert_int_equal(state_of(world, 0), KEY_USABLE);
}

static void failed_refresh_keeps_the_old_ring(void **state)
{
    struct world *world = *state;
    struct problem problem = {""};
    assert_int_equal(shell(&world->at, "mv home away; ls work >ring"), 0);
    enum result result = sealer_refresh(world->sealer, &problem);
    assert_int_equal(shell(&world->at, "mv away home"), 0);
    assert_int_equal(result, RESULT_TRY_LATER);
    assert_non_null(strstr(problem.text, "holds no ring of public keys"));
    assert_int_equal(shell(&world->at, "ls work | cmp - ring"), 0);
    assert_int_equal(state_of(world, 1), KEY_USABLE);
}

/* What a daemon that died left behind goes; what another one uses stays. */
static void stale_rings_are_removed(void **state)
{
    struct world *world = *state;
    struct problem problem = {""};
    struct sealer *other = NULL;
    assert_int_equal(shell(&world->at,
                           "set -- work/ring-*; mkdir -m 700 work/ring-of-old work/ring-of-old/source && "
                           "touch work/ring-of-old/source/pubring.kbx && cp -r $1/* work/ring-of-old/ && "
                           "chmod 500 work/ring-of-old && ls work | grep -v of-old >ring"),
                     0);
    assert_int_equal(sealer_new(&world->settings, world->wanted, 2, &other, &problem), RESULT_OK);
    assert_int_equal(shell(&world->at, "! test -e work/ring-of-old && ls work | grep -qxFf ring"), 0);
    assert_int_equal(shell(&world->at, "test $(ls work | wc -l) = 2"), 0);
    sealer_free(other);
    assert_int_equal(shell(&world->at, "ls work | cmp - ring"), 0);
}

static const struct {
    const char *name, *prepare, *restore, *problem;
} broken[] = {
    {"no gpg", "ln -s nowhere gpg", "rm gpg", "cannot run it"},
    {"not gpg", "ln -s /bin/sh gpg", "rm gpg", "is not a gpg of version 2.2"},
    {"open work directory", "ln -s /usr/bin/gpg gpg; chmod 755 work", "rm gpg; chmod 700 work", "mode 0700"},
    {"empty source", "ln -s /usr/bin/gpg gpg; mv home away; mkdir -m 700 home",
     "rm gpg; rmdir home; mv away home", "holds no ring of public keys"},
};

static void a_sealer_that_cannot_work_says_why(void **state)
{
    struct world *world = *state;
    char gpg[128];
    (void)snprintf(gpg, sizeof gpg, "%s/gpg", world->at.directory);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct sealing_settings settings = world->settings;
        struct problem problem = {""};
        struct sealer *sealer = NULL;
        settings.gpg = gpg;
        assert_int_equal(shell(&world->at, "%s", broken[i].prepare), 0);
        enum result result = sealer_new(&settings, world->wanted, 2, &sealer, &problem);
        assert_int_equal(shell(&world->at, "%s", broken[i].restore), 0);
        if (result != RESULT_TRY_LATER || !strstr(problem.text, broken[i].problem))
            fail_msg("%s: %s", broken[i].name, problem.text);
    }
}

static void a_registry_without_keys_is_no_failure(void **state)
{
    struct world *world = *state;
    struct sealing_settings settings = world->settings;
    struct problem problem = {""};
    struct sealer *sealer = NULL;
    struct key_info info;
    settings.homedir = "/nonexistent";
    assert_int_equal(sealer_new(&settings, NULL, 0, &sealer, &problem), RESULT_OK);
    assert_int_equal(keys_find(sealer_keys(sealer), world->fingerprints[0], 0, &info), RESULT_NOT_FOUND);
    sealer_free(sealer);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_admins_ring_is_not_touched), /* first: the others change it themselves */
    cmocka_unit_test(states_are_told),
    cmocka_unit_test(expiry_is_judged_at_the_instant_asked),
    cmocka_unit_test(what_is_not_pinned_is_missing),
    cmocka_unit_test(the_working_ring_is_private_and_read_only),
    cmocka_unit_test(refresh_follows_the_admins_ring),
    cmocka_unit_test(failed_refresh_keeps_the_old_ring),
    cmocka_unit_test(stale_rings_are_removed),
    cmocka_unit_test(a_sealer_that_cannot_work_says_why),
    cmocka_unit_test(a_registry_without_keys_is_no_failure),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
