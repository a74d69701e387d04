/* SPDX-License-Identifier: Apache-2.0 */

/* Sealing through the real khatm-sealer and the real gpg, and through a gpg that fails in every way we could
 * think of: what comes back must open to identical bytes, or nothing comes back and the next message
 * succeeds. */

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
#define BOUNDARY "khatm-0123456789abcdef"

static const char INNER[] = "Content-Type: text/plain; charset=utf-8; hp=\"cipher\"\r\nSubject: Note\r\n";

struct world {
    struct gpg_home at;
    char alice[41], bob[41], stranger[41];
    char gpg[128], work[128], previous[128];
    struct sealing_settings settings;
    struct sealer *sealer;
};

static const char *file_in(const struct world *world, const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", world->at.directory, name);
    return path;
}

/* What stands at settings.gpg from now on: a mode of tests/support/fake-gpg, or "real". */
static void put_gpg(struct world *world, const char *mode)
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

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    *state = world;
    if (!world || !gpg_home_open(&world->at))
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

static int teardown(void **state)
{
    struct world *world = *state;
    sealer_free(world->sealer);
    gpg_home_close(&world->at);
    free(world);
    return 0;
}

/* A spooled message: a header section that must not come along, an empty line, and `size` bytes of body. */
static int make_message(const struct world *world, size_t size, uint64_t *body_offset_out)
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

static void attempt_open(const struct world *world, struct attempt *attempt, size_t size)
{
    memset(attempt, 0, sizeof *attempt);
    attempt->message_fd = make_message(world, size, &attempt->body_offset);
    attempt->body_size = size;
    assert_int_equal(fd_open_unnamed(world->at.directory, &attempt->output_fd, &attempt->problem), RESULT_OK);
}

static void attempt_close(struct attempt *attempt)
{
    fd_close(&attempt->message_fd);
    fd_close(&attempt->output_fd);
}

static enum result attempt_seal(const struct world *world, struct attempt *attempt,
                                const char *const *fingerprints, size_t n, bool hide)
{
    const struct seal_request request = {
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
    return sealer_seal(world->sealer, &request, &attempt->outcome, &attempt->problem);
}

static void copy_out(int fd, uint64_t offset, const char *path, const char *prefix)
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
static void check_opens(const struct world *world, const struct attempt *attempt, const char *recipient)
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
                           "gpg --dearmor <body >binary && echo '%s  binary' | sha256sum -c --quiet && "
                           "test $(stat -c %%s binary) = %llu",
                           sha256, (unsigned long long)attempt->outcome.ciphertext_size),
                     0);
    assert_int_equal(shell(&world->at, "tr -d '\\r' <body | grep -c '^--" BOUNDARY "$' | grep -qx 2 && "
                                       "tr -d '\\r' <body | tail -n 1 | grep -qx -- '--" BOUNDARY "--' && "
                                       "tr -d '\\r' <body | grep -qx 'Version: 1'"),
                     0);
}

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

/* A gpg that fails, and the words that must stand in the problem line. */
static const struct {
    const char *mode, *problem;
} faults[] = {
    {"missing", "gpg"},
    {"stopped", "did not answer in time"},
    {"killed", "stopped before"},
    {"empty", "gpg"},
    {"empty-success", "it is empty"},
    {"truncated", "ends in the middle"},
    {"trailing", "something follows"},
    {"failing", "gpg"},
    {"wrong", "other keys"},
    {"extra", "other keys"},
};

static struct sealer *another(const struct world *world, unsigned slots, int64_t wait_ms, int64_t deadline_ms)
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

static bool seal_once(const struct world *world, size_t size, const char *expected_problem)
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

/* Everything the fake gpg noted the pid of is gone. */
static bool nothing_left_running(const struct world *world)
{
    return shell(&world->at,
                 "touch bin/pids; for p in $(cat bin/pids); do "
                 "case $(cut -d' ' -f3 /proc/$p/stat 2>&-) in [RSDTt]) exit 1;; esac; done; exit 0") == 0;
}

static void failing_gpg_means_try_later(void **state)
{
    struct world *world = *state, failing = *world;
    enum { DEADLINE_MS = 4000 };
    failing.sealer = another(world, 1, 1000, DEADLINE_MS);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        print_message("# %s\n", faults[i].mode);
        put_gpg(world, faults[i].mode);
        int64_t before_ms = clock_monotonic_ms();
        bool refused = seal_once(&failing, 1 << 20, faults[i].problem);
        int64_t took_ms = clock_monotonic_ms() - before_ms;
        bool clean = nothing_left_running(world);
        put_gpg(world, "real");
        assert_true(refused);
        assert_true(took_ms < DEADLINE_MS + 1000);
        assert_true(clean);
        assert_true(seal_once(&failing, 4096, NULL));
    }
    sealer_free(failing.sealer);
}

/* The same when the slot had never run before: nothing may depend on what an earlier job left behind. */
static void failing_gpg_at_the_first_job(void **state)
{
    struct world *world = *state, failing = *world;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        failing.sealer = another(world, 1, 1000, 3000);
        put_gpg(world, faults[i].mode);
        bool refused = seal_once(&failing, 100000, faults[i].problem);
        put_gpg(world, "real");
        bool healed = seal_once(&failing, 4096, NULL);
        sealer_free(failing.sealer);
        assert_true(refused);
        assert_true(healed);
    }
}

static void output_disk_full_means_try_later(void **state)
{
    struct world *world = *state;
    const char *const alice[] = {world->alice};
    struct attempt attempt;
    attempt_open(world, &attempt, 1 << 20);
    fd_close(&attempt.output_fd);
    attempt.output_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_int_equal(attempt_seal(world, &attempt, alice, 1, false), RESULT_TRY_LATER);
    assert_non_null(strstr(attempt.problem.text, "No space left"));
    attempt_close(&attempt);
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

struct caller {
    pthread_t thread;
    const struct world *world;
    unsigned good;
};

static void *call_often(void *context)
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

/* The admin's ring changes again and again while messages are sealed: each is sealed on the old ring or on the new. */
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

static void no_free_slot_means_try_later(void **state)
{
    struct world *world = *state, busy = *world;
    struct caller holder = {.world = &busy};
    busy.sealer = another(world, 1, 300, 2000);
    put_gpg(world, "stopped");
    assert_int_equal(pthread_create(&holder.thread, NULL, call_often, &holder), 0);
    usleep(500000);
    int64_t before_ms = clock_monotonic_ms();
    bool refused = seal_once(&busy, 10, "no free slot");
    int64_t took_ms = clock_monotonic_ms() - before_ms;
    put_gpg(world, "real");
    assert_int_equal(pthread_join(holder.thread, NULL), 0);
    sealer_free(busy.sealer);
    assert_true(refused);
    assert_in_range(took_ms, 250, 1500);
    assert_int_equal(holder.good, 9);
}

/* The sealer's group holds what gpg there is, and its own timer ends it all when the daemon is gone. */
static void dead_daemon_leaves_nothing(void **state)
{
    struct world *world = *state;
    put_gpg(world, "stopped");
    assert_int_equal(shell(&world->at, "rm -f bin/pids"), 0);
    pid_t daemon = fork();
    if (daemon == 0) {
        struct world own = *world;
        put_gpg(&own, "ok");
        own.sealer = another(world, 1, 100, 1500);
        put_gpg(&own, "stopped");
        (void)seal_once(&own, 4096, "");
        _exit(0);
    }
    assert_int_equal(shell(&world->at,
                           "n=0; until [ -s bin/pids ] || [ $n = 100 ]; do n=$((n + 1)); sleep 0.05; done; "
                           "sleep 0.2; kill -9 %d",
                           (int)daemon),
                     0);
    assert_int_equal(waitpid(daemon, NULL, 0), daemon);
    /* Group leader of the stopped gpg: a khatm-sealer. */
    int grouped = shell(&world->at, "read -r p <bin/pids; g=$(cut -d' ' -f5 /proc/$p/stat) && "
                                    "grep -q khatm-sealer /proc/$g/comm && test $g != $p");
    (void)shell(&world->at, "sleep 3.5");
    bool clean = nothing_left_running(world);
    put_gpg(world, "real");
    assert_int_equal(grouped, 0);
    assert_true(clean);
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

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sizes_round_trip),
    cmocka_unit_test(recipients_share_one_ciphertext),
    cmocka_unit_test(failing_gpg_means_try_later),
    cmocka_unit_test(failing_gpg_at_the_first_job),
    cmocka_unit_test(output_disk_full_means_try_later),
    cmocka_unit_test(short_spool_means_try_later),
    cmocka_unit_test(unknown_key_is_never_sealed_to),
    cmocka_unit_test(many_callers_share_few_slots),
    cmocka_unit_test(refresh_disturbs_nobody),
    cmocka_unit_test(no_free_slot_means_try_later),
    cmocka_unit_test(dead_daemon_leaves_nothing),
    cmocka_unit_test(sealer_needs_no_more_memory_for_more_mail),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
