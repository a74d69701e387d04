/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_REPLAY_H
#define KHATM_TESTS_REPLAY_H

/* A world (seal_world.h) whose gpg, tests/faulty/replayed_gpg.c, gives again and again what the real one once
 * made of a message to Alice and Bob, with one thing changed. */

#include "seal/client.h"
#include "seal/workring.h"

#include "seal_world.h"

#include <openssl/evp.h>

enum { REPLAY_MAX = 1024 * 1024, REPLAY_MS = 60 * 1000 };

struct replay {
    struct world world;
    struct workring *ring;
    struct helper_process process; /* a khatm-sealer that goes on after it failed, unlike the daemon's */
    struct wire_frame frame;
    struct attempt attempt;
    bool hide;
    const char *signer; /* NULL: nobody */
    uint8_t bytes[REPLAY_MAX], decoded[REPLAY_MAX];
    size_t size, decoded_size;
};

static int replay_setup(void **state)
{
    struct replay *replay = calloc(1, sizeof *replay);
    void *world = NULL;
    if (!replay || setup(&world) != 0)
        return -1;
    replay->world = *(struct world *)world;
    free(world);
    *state = replay;
    replay->world.settings.gpg = replay->world.gpg;
    replay->world.settings.homedir = replay->world.at.home;
    replay->world.settings.work_directory = replay->world.work;
    replay->process.control = replay->attempt.message_fd = replay->attempt.output_fd = -1;
    char wanted[2][FINGERPRINT_HEX];
    struct problem problem = {""};
    memcpy(wanted[0], replay->world.alice, FINGERPRINT_HEX);
    memcpy(wanted[1], replay->world.bob, FINGERPRINT_HEX);
    const struct pins pins = {.fingerprints = wanted, .n_fingerprints = 2};
    return workring_new(&replay->world.settings, &pins, clock_monotonic_ms() + REPLAY_MS, &replay->ring,
                        &problem) == RESULT_OK
               ? 0
               : -1;
}

MAYBE static void replay_put(const struct replay *replay, const char *name, const void *bytes, size_t size)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/bin/%s", replay->world.at.directory, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* What gpg will say of signatures: %s is the key. */
MAYBE static void replay_say(const struct replay *replay, const char *format)
{
    char said[512] = "";
    size_t size = 0;
    for (; *format; format++) {
        bool key = format[0] == '%' && format[1] == 's';
        size += (size_t)snprintf(said + size, sizeof said - size, "%.*s", key ? FINGERPRINT_HEX : 1,
                                 key ? replay->signer : format);
        format += key;
    }
    replay_put(replay, "said", said, size);
}

#define REPLAY_SIGNED "[GNUPG:] SIG_CREATED S 22 10 00 1795255200 %s\n"

/* From now on what is sealed is signed, too, by a key of its own. */
MAYBE static int replay_sign(struct replay *replay)
{
    static char key[FINGERPRINT_HEX], home[128];
    static struct signing_settings settings;
    struct world *world = &replay->world;
    struct gpg_home signing = world->at;
    struct problem problem = {""};
    char wanted[2][FINGERPRINT_HEX];
    (void)snprintf(signing.home, sizeof signing.home, "%s/signing", world->at.directory);
    (void)snprintf(home, sizeof home, "%s", signing.home);
    if (shell(&world->at, "mkdir -m 700 signing") != 0 ||
        !gpg_home_make_key(&signing, "Gateway <gw@own.example>", "ed25519", NULL, "never", "", key))
        return -1;
    settings = (struct signing_settings){home, key};
    world->settings.signing = &settings;
    memcpy(wanted[0], world->alice, FINGERPRINT_HEX);
    memcpy(wanted[1], world->bob, FINGERPRINT_HEX);
    const struct pins pins = {.fingerprints = wanted, .n_fingerprints = 2};
    workring_unref(replay->ring);
    replay->ring = NULL;
    if (workring_new(&world->settings, &pins, clock_monotonic_ms() + REPLAY_MS, &replay->ring, &problem) !=
            RESULT_OK ||
        strcmp(workring_signer(replay->ring)->fingerprint, key) != 0)
        return -1;
    replay->signer = key;
    replay_say(replay, REPLAY_SIGNED);
    return 0;
}

MAYBE static int replay_setup_signing(void **state)
{
    return replay_setup(state) == 0 ? replay_sign(*state) : -1;
}

static int replay_teardown(void **state)
{
    struct replay *replay = *state;
    attempt_close(&replay->attempt);
    helper_kill(&replay->process);
    workring_unref(replay->ring);
    sealer_free(replay->world.sealer);
    gpg_home_close(&replay->world.at);
    free(replay);
    return 0;
}

/* The binary form of what lies in the output file. */
MAYBE static void replay_decode(struct replay *replay)
{
    static uint8_t body[REPLAY_MAX * 2];
    size_t size = replay->attempt.outcome.body_size;
    assert_true(size < sizeof body);
    assert_int_equal(fd_read_at(replay->attempt.output_fd, body, size, 0), RESULT_OK);
    const uint8_t *at = memmem(body, size, "MESSAGE-----\r\n\r\n", 16);
    assert_non_null(at);
    replay->decoded_size = 0;
    for (at += 16; *at != '=' && *at != '-'; at += 2) {
        size_t line = strcspn((const char *)at, "\r"),
               padding = at[line - 1] == '=' ? 1 + (at[line - 2] == '=') : 0;
        int got = EVP_DecodeBlock(replay->decoded + replay->decoded_size, at, (int)line);
        assert_true(got > 0);
        replay->decoded_size += (size_t)got - padding;
        at += line;
    }
}

static enum result replay_seal(struct replay *replay)
{
    const char *const both[] = {replay->world.alice, replay->world.bob};
    const char *const argv[] = {replay->world.settings.program, replay->world.gpg,
                                workring_path(replay->ring), NULL};
    struct attempt *attempt = &replay->attempt;
    struct seal_request request = attempt_request(attempt, both, 2, replay->hide);
    request.signer = replay->signer;
    attempt->problem.text[0] = '\0';
    assert_int_equal(ftruncate(attempt->output_fd, 0), 0);
    assert_int_equal(lseek(attempt->output_fd, 0, SEEK_SET), 0);
    if (!helper_alive(&replay->process))
        assert_int_equal(helper_start(&replay->process, argv, &attempt->problem), RESULT_OK);
    return client_seal(&replay->process, &replay->frame, workring_keys(replay->ring), &request,
                       clock_wall_ms() / 1000, clock_monotonic_ms() + REPLAY_MS, &attempt->outcome,
                       &attempt->problem);
}

/* A message of this size, and what the real gpg makes of it; replayed from now on. */
MAYBE static void replay_record(struct replay *replay, size_t size)
{
    struct world *world = &replay->world;
    put_gpg(world, "real");
    attempt_close(&replay->attempt);
    attempt_open(world, &replay->attempt, size);
    replay->hide = false;
    assert_int_equal(replay_seal(replay), RESULT_OK);
    replay_decode(replay);
    memcpy(replay->bytes, replay->decoded, replay->decoded_size);
    replay->size = replay->decoded_size;
    replay_put(replay, "ciphertext", replay->bytes, replay->size);
    assert_int_equal(
        shell(&world->at, "cp " KHATM_BUILD_DIR "/faulty/gpg bin/fresh && mv -f bin/fresh bin/gpg"), 0);
}

/* bits: to be changed in the byte at `changed`; 0: none. ending: as the program takes it. */
MAYBE static void replay_set(const struct replay *replay, size_t size, size_t changed, unsigned bits,
                             const char *ending)
{
    char script[128];
    int length = snprintf(script, sizeof script, "%zu %zu %u %s\n", size, changed, bits, ending);
    replay_put(replay, "script", script, (size_t)length);
}

/* What is replayed from now on, whole, under a gpg that says that all went well. */
MAYBE static void replay_give(struct replay *replay, const uint8_t *bytes, size_t size)
{
    replay_put(replay, "ciphertext", bytes, size);
    replay_set(replay, size, 0, 0, "success");
}

MAYBE static void replay_expect_refusal(struct replay *replay, const char *problem)
{
    enum result result = replay_seal(replay);
    if (result != RESULT_TRY_LATER || !strstr(replay->attempt.problem.text, problem))
        fail_msg("%s, \"%s\" instead of \"%s\"", result_name(result), replay->attempt.problem.text, problem);
}

/* It counts as sealed, and what would leave is what gpg wrote, byte for byte. */
MAYBE static void replay_expect_sealed(struct replay *replay, const uint8_t *bytes, size_t size)
{
    enum result result = replay_seal(replay);
    if (result != RESULT_OK)
        fail_msg("%s, %s instead of sealed", result_name(result), replay->attempt.problem.text);
    replay_decode(replay);
    assert_int_equal(replay->decoded_size, size);
    assert_memory_equal(replay->decoded, bytes, size);
}

#endif
