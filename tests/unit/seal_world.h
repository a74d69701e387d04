/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_SEAL_WORLD_H
#define KHATM_TESTS_SEAL_WORLD_H

/* A sealer on the real khatm-sealer and gpg, two recipients whose secret keys are at hand, messages to seal,
 * and the proof that what comes back opens to identical bytes. What stands at settings.gpg can be changed at
 * any moment. */

#include "base/clock.h"
#include "base/digest.h"
#include "base/fd.h"
#include "seal/seal.h"

#include "gpg_home.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define INSTRUMENTED 1
#elif defined(__has_feature)
#define INSTRUMENTED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define INSTRUMENTED 0
#endif

/* Every byte in the plain build; a sanitizer makes each start of gpg ten times slower. */
enum { SWEEP_STEP = INSTRUMENTED ? 31 : 1 };

#define BOUNDARY "khatm-0123456789abcdef"
/* A test program need not use all of this. */
#define MAYBE __attribute__((unused))

MAYBE static const char INNER[] =
    "Content-Type: text/plain; charset=utf-8; hp=\"cipher\"\r\nSubject: Note\r\n";

struct world {
    struct gpg_home at;
    char alice[41], bob[41], stranger[41];
    char gpg[128], work[128], previous[128];
    struct sealing_settings settings;
    struct sealer *sealer;
};

MAYBE static const char *file_in(const struct world *world, const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", world->at.directory, name);
    return path;
}

/* What stands at settings.gpg from now on: a mode of tests/support/fake-gpg, or "real". */
MAYBE static void put_gpg(struct world *world, const char *mode)
{
    if (strcmp(mode, "missing") == 0)
        assert_int_equal(shell(&world->at, "rm -f bin/gpg"), 0);
    else if (strcmp(mode, "real") == 0)
        assert_int_equal(shell(&world->at, "rm -f bin/gpg; ln -s /usr/bin/gpg bin/gpg"), 0);
    else
        assert_int_equal(shell(&world->at,
                               "echo %s >bin/mode && cp " KHATM_SOURCE_DIR
                               "/tests/support/fake-gpg bin/fresh && "
                               "chmod 755 bin/fresh && mv -f bin/fresh bin/gpg",
                               mode),
                         0);
}

/* In place: settings point into the world. */
MAYBE static int world_open(struct world *world)
{
    if (!gpg_home_open(&world->at))
        return -1;
    struct gpg_home stranger = world->at;
    (void)snprintf(stranger.home, sizeof stranger.home, "%s/bin/home", world->at.directory);
    if (!gpg_home_make_key(&world->at, "Alice <alice@peer.example>", "ed25519", "cv25519", "never", "",
                           world->alice) ||
        !gpg_home_make_key(&world->at, "Bob <bob@peer.example>", "rsa3072", "rsa3072", "never", "",
                           world->bob) ||
        shell(&world->at, "mkdir -p bin/home && chmod 700 bin/home") != 0 ||
        !gpg_home_make_key(&stranger, "Mallory <m@other.example>", "ed25519", "cv25519", "never", "",
                           world->stranger) ||
        shell(&world->at,
              "echo %s >bin/stranger; gpg --batch --export | gpg --homedir bin/home --batch --quiet --import",
              world->stranger) != 0)
        return -1;
    (void)snprintf(world->gpg, sizeof world->gpg, "%s/bin/gpg", world->at.directory);
    (void)snprintf(world->work, sizeof world->work, "%s/work", world->at.directory);
    world->settings = (struct sealing_settings){
        .program = KHATM_BUILD_DIR "/khatm-sealer",
        .gpg = world->gpg,
        .homedir = world->at.home,
        .work_directory = world->work,
        .slots = 2,
        .wait_ms = 20000,
        .deadline_ms = 20000,
        .rsa_min_bits = 2048,
        .refresh_ms = 60000,
    };
    const char *const wanted[] = {world->alice, world->bob};
    struct problem problem = {""};
    put_gpg(world, "real");
    if (sealer_new(&world->settings, wanted, 2, &world->sealer, &problem) == RESULT_OK)
        return 0;
    (void)fprintf(stderr, "%s\n", problem.text);
    return -1;
}

MAYBE static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    *state = world;
    return world ? world_open(world) : -1;
}

MAYBE static int teardown(void **state)
{
    struct world *world = *state;
    sealer_free(world->sealer);
    gpg_home_close(&world->at);
    free(world);
    return 0;
}

/* A spooled message: a header section that must not come along, an empty line, and `size` bytes of body. */
MAYBE static int make_message(const struct world *world, size_t size, uint64_t *body_offset_out)
{
    static const char HEADER[] = "Received: from inside\r\nSubject: not this one\r\n\r\n";
    struct problem problem = {""};
    int fd = -1;
    assert_int_equal(fd_open_unnamed(world->at.directory, &fd, &problem), RESULT_OK);
    assert_int_equal(fd_write_all(fd, HEADER, sizeof HEADER - 1), RESULT_OK);
    uint8_t block[4096];
    for (size_t left = size; left; left -= left < sizeof block ? left : sizeof block) {
        /* Zeroes and noise: what compresses must not be compressed, or a truncated ciphertext could pass. */
        memset(block, 0, sizeof block);
        if (left & 4096)
            assert_int_equal(random_bytes(block, sizeof block), RESULT_OK);
        assert_int_equal(fd_write_all(fd, block, left < sizeof block ? left : sizeof block), RESULT_OK);
    }
    *body_offset_out = sizeof HEADER - 1;
    return fd;
}

struct attempt {
    int message_fd, output_fd;
    uint64_t body_offset, body_size;
    struct seal_outcome outcome;
    struct problem problem;
};

MAYBE static void attempt_open(const struct world *world, struct attempt *attempt, size_t size)
{
    memset(attempt, 0, sizeof *attempt);
    attempt->message_fd = make_message(world, size, &attempt->body_offset);
    attempt->body_size = size;
    assert_int_equal(fd_open_unnamed(world->at.directory, &attempt->output_fd, &attempt->problem), RESULT_OK);
}

MAYBE static void attempt_close(struct attempt *attempt)
{
    fd_close(&attempt->message_fd);
    fd_close(&attempt->output_fd);
}

MAYBE static struct seal_request attempt_request(const struct attempt *attempt,
                                                 const char *const *fingerprints, size_t n, bool hide)
{
    return (struct seal_request){
        .message_fd = attempt->message_fd,
        .body_offset = attempt->body_offset,
        .body_size = attempt->body_size,
        .inner_header = INNER,
        .inner_header_size = sizeof INNER - 1,
        .boundary = BOUNDARY,
        .fingerprints = fingerprints,
        .n_fingerprints = n,
        .hide_key_ids = hide,
        .output_fd = attempt->output_fd,
    };
}

MAYBE static enum result attempt_seal(const struct world *world, struct attempt *attempt,
                                      const char *const *fingerprints, size_t n, bool hide)
{
    const struct seal_request request = attempt_request(attempt, fingerprints, n, hide);
    return sealer_seal(world->sealer, &request, &attempt->outcome, &attempt->problem);
}

MAYBE static void copy_out(int fd, uint64_t offset, const char *path, const char *prefix)
{
    static char block[65536];
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fputs(prefix, file);
    for (ssize_t got; (got = pread(fd, block, sizeof block, (off_t)offset)) > 0; offset += (uint64_t)got)
        assert_int_equal(fwrite(block, 1, (size_t)got, file), got);
    assert_int_equal(fclose(file), 0);
}

/* What the recipient's gpg makes of it is the payload, byte for byte; the frame is RFC 3156's; lines are
 * short. */
MAYBE static void check_opens(const struct world *world, const struct attempt *attempt, const char *recipient)
{
    char inner[256];
    (void)snprintf(inner, sizeof inner, "%s\r\n", INNER);
    copy_out(attempt->output_fd, 0, file_in(world, "body"), "");
    copy_out(attempt->message_fd, attempt->body_offset, file_in(world, "payload"), inner);
    assert_int_equal(
        shell(&world->at, "test $(stat -c %%s body) = %llu", (unsigned long long)attempt->outcome.body_size),
        0);
    assert_int_equal(shell(&world->at, "! LC_ALL=C grep -qPv '^[\\x20-\\x7e]{0,76}\\r$' body"), 0);
    assert_int_equal(
        shell(&world->at,
              "gpg --batch --quiet --try-secret-key %s --decrypt body >opened && cmp opened payload",
              recipient),
        0);
    char sha256[65];
    hex_encode(attempt->outcome.ciphertext_sha256, 32, sha256);
    assert_int_equal(shell(&world->at,
                           "sed -n '/^-----BEGIN/,/^-----END/p' <body >armoured && "
                           "echo '%s  armoured' | sha256sum -c --quiet && "
                           "gpg --dearmor <body >binary && test $(stat -c %%s binary) = %llu",
                           sha256, (unsigned long long)attempt->outcome.ciphertext_size),
                     0);
    assert_int_equal(shell(&world->at, "tr -d '\\r' <body | grep -c '^--" BOUNDARY "$' | grep -qx 2 && "
                                       "tr -d '\\r' <body | tail -n 1 | grep -qx -- '--" BOUNDARY "--' && "
                                       "tr -d '\\r' <body | grep -qx 'Version: 1'"),
                     0);
}

MAYBE static struct sealer *another(const struct world *world, unsigned slots, int64_t wait_ms,
                                    int64_t deadline_ms)
{
    struct sealing_settings settings = world->settings;
    struct sealer *sealer = NULL;
    struct problem problem = {""};
    const char *const wanted[] = {world->alice, world->bob};
    settings.slots = slots;
    settings.wait_ms = wait_ms;
    settings.deadline_ms = deadline_ms;
    assert_int_equal(sealer_new(&settings, wanted, 2, &sealer, &problem), RESULT_OK);
    return sealer;
}

MAYBE static bool seal_once(const struct world *world, size_t size, const char *expected_problem)
{
    const char *const alice[] = {world->alice};
    struct attempt attempt;
    attempt_open(world, &attempt, size);
    enum result result = attempt_seal(world, &attempt, alice, 1, false);
    if (result == RESULT_OK)
        check_opens(world, &attempt, world->alice);
    else
        print_message("# %s\n", attempt.problem.text);
    attempt_close(&attempt);
    if (!expected_problem)
        return result == RESULT_OK;
    return result == RESULT_TRY_LATER && strstr(attempt.problem.text, expected_problem);
}

/* Any of those whose process id a gpg that fails wrote down. */
MAYBE static bool some_run(const struct world *world)
{
    return shell(&world->at,
                 "touch bin/pids; for p in $(cat bin/pids); do "
                 "case $(cut -d' ' -f3 /proc/$p/stat 2>&-) in [RSDTt]) exit 1;; esac; done; exit 0") != 0;
}

/* Who was killed is still seen for a moment, which a busy machine makes longer; who was not, stays. */
MAYBE static bool all_end(const struct world *world)
{
    bool running = some_run(world);
    for (int i = 0; running && i < 100; i++) {
        (void)usleep(100000);
        running = some_run(world);
    }
    return !running;
}

struct caller {
    pthread_t thread;
    const struct world *world;
    unsigned good;
};

MAYBE static void *call_often(void *context)
{
    struct caller *caller = context;
    const char *const alice[] = {caller->world->alice};
    for (unsigned i = 0; i < 10; i++) {
        struct attempt attempt;
        attempt_open(caller->world, &attempt, 5000 * i);
        caller->good += attempt_seal(caller->world, &attempt, alice, 1, false) == RESULT_OK;
        attempt_close(&attempt);
    }
    return NULL;
}

#endif
