/* SPDX-License-Identifier: Apache-2.0 */

/* Pools of processes grow with the mail and shrink when there is none: what a pool keeps, what a message gets
 * that comes while processes are being ended, and that one at work is left alone; and that of two messages
 * for one process the first is served first. */

#include "seal_world.h"

#include "dkimsign/dkimsign.h"
#include "sender/authenticator.h"

#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { PROCESSES = 3, GROW_ROUNDS = 50, MESSAGES = INSTRUMENTED ? 5 : 20, LONG_MS = 3600 * 1000 };

static const char authenticator_fake[] = KHATM_SOURCE_DIR "/tests/support/fake-authenticator";
static const char authenticator_real[] = KHATM_BUILD_DIR "/khatm-authenticator";
static const char dkim_fake[] = KHATM_SOURCE_DIR "/tests/support/fake-dkim-signer";

/* One message through a pool. */
struct pool {
    bool (*run)(struct pool *pool);
    void (*retire)(struct pool *pool, int64_t idle_ms);
    void *of;
    const struct world *world;
    const char *mail_from;
    int fd;
    atomic_uint failed;
    atomic_bool done;
};

static bool is_ours(const char *pid)
{
    char path[300], line[4096] = "";
    (void)snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool read = fgets(line, sizeof line, file) != NULL;
    (void)fclose(file);
    int parent = 0;
    char state = 'Z';
    const char *end = read ? strrchr(line, ')') : NULL;
    return end && sscanf(end, ") %c %d", &state, &parent) == 2 && state != 'Z' && parent == getpid();
}

/* Living processes that this one has started, threads and all. */
static unsigned children(void)
{
    unsigned n = 0;
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    for (const struct dirent *entry; (entry = readdir(proc));)
        n += entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_ours(entry->d_name);
    (void)closedir(proc);
    return n;
}

static bool run_authenticator(struct pool *pool)
{
    struct problem problem = {""};
    const struct proofs *proofs = NULL;
    struct arena *arena = arena_new(0);
    const struct authenticator_message message = {
        .fd = pool->fd, .size = 2, .body_offset = 2, .mail_from = pool->mail_from};
    enum result result = authenticator_run(pool->of, &message, arena, &proofs, &problem);
    if (result != RESULT_OK)
        print_message("# %s\n", problem.text);
    arena_free(arena);
    return result == RESULT_OK;
}

static void retire_authenticator(struct pool *pool, int64_t idle_ms)
{
    authenticator_retire(pool->of, idle_ms);
}

static bool run_sealer(struct pool *pool)
{
    const char *const alice[] = {pool->world->alice};
    struct attempt attempt;
    attempt_open(pool->world, &attempt, 4096);
    const struct seal_request request = attempt_request(&attempt, alice, 1, false);
    enum result result = sealer_seal(pool->of, &request, &attempt.outcome, &attempt.problem);
    if (result != RESULT_OK)
        print_message("# %s\n", attempt.problem.text);
    attempt_close(&attempt);
    return result == RESULT_OK;
}

static void retire_sealer(struct pool *pool, int64_t idle_ms)
{
    sealer_retire(pool->of, idle_ms);
}

static bool run_dkim_signer(struct pool *pool)
{
    struct problem problem = {""};
    const char *const *values = NULL;
    struct arena *arena = arena_new(0);
    const struct dkimsign_message message = {.fields_fd = pool->fd,
                                             .fields_size = 2,
                                             .body_fd = pool->fd,
                                             .body_size = 2,
                                             .domain = "interieur.gov.example"};
    enum result result = dkimsign_run(pool->of, &message, arena, &values, &problem);
    if (result != RESULT_OK)
        print_message("# %s\n", problem.text);
    arena_free(arena);
    return result == RESULT_OK;
}

static void retire_dkim_signer(struct pool *pool, int64_t idle_ms)
{
    dkimsign_retire(pool->of, idle_ms);
}

static void *run_once(void *argument)
{
    struct pool *pool = argument;
    if (!pool->run(pool))
        atomic_fetch_add(&pool->failed, 1);
    return NULL;
}

static void *run_often(void *argument)
{
    for (unsigned i = 0; i < MESSAGES; i++)
        (void)run_once(argument);
    return NULL;
}

static void *retire_all_the_time(void *argument)
{
    struct pool *pool = argument;
    while (!atomic_load(&pool->done)) {
        pool->retire(pool, 0);
        (void)usleep(100);
    }
    return NULL;
}

static void at_once(struct pool *pool, void *(*work)(void *))
{
    pthread_t threads[PROCESSES];
    for (unsigned i = 0; i < PROCESSES; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, pool), 0);
    for (unsigned i = 0; i < PROCESSES; i++)
        (void)pthread_join(threads[i], NULL);
    assert_int_equal(pool->failed, 0);
}

/* others: children that are none of the pool; kept: processes that a pool keeps. */
static void check_that_it_shrinks(struct pool *pool, unsigned others, unsigned kept)
{
    for (unsigned i = 0; i < GROW_ROUNDS && children() < others + PROCESSES; i++)
        at_once(pool, run_once);
    assert_int_equal(children(), others + PROCESSES);
    pool->retire(pool, LONG_MS);
    assert_int_equal(children(), others + PROCESSES);
    pool->retire(pool, 0);
    assert_int_equal(children(), others + kept);
    pool->retire(pool, 0);
    assert_int_equal(children(), others + kept);
    at_once(pool, run_once);
}

/* Whenever a message comes, processes are just being ended. */
static void check_that_nobody_is_put_off(struct pool *pool, unsigned others, unsigned kept,
                                         void *(*work)(void *))
{
    pthread_t retiring;
    atomic_store(&pool->done, false);
    assert_int_equal(pthread_create(&retiring, NULL, retire_all_the_time, pool), 0);
    at_once(pool, work);
    atomic_store(&pool->done, true);
    (void)pthread_join(retiring, NULL);
    pool->retire(pool, 0);
    assert_int_equal(children(), others + kept);
}

static void *run_a_little_later(void *argument)
{
    enum { WHILE_THE_FIRST_RUNS_MS = 250 };
    struct pool *pool = argument;
    (void)usleep(WHILE_THE_FIRST_RUNS_MS * 1000);
    (void)run_once(argument);
    atomic_store(&pool->done, true);
    return NULL;
}

/* One process, and half a second a message: who comes back at once is not served before who waits. */
static void check_that_the_first_is_first(struct pool *pool)
{
    pthread_t second;
    atomic_store(&pool->done, false);
    assert_int_equal(pthread_create(&second, NULL, run_a_little_later, pool), 0);
    assert_true(pool->run(pool));
    assert_true(pool->run(pool));
    assert_true(atomic_load(&pool->done));
    (void)pthread_join(second, NULL);
    assert_int_equal(pool->failed, 0);
}

static int short_message(void)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    assert_int_equal(fd_write_all(fd, "\r\n", 2), RESULT_OK);
    return fd;
}

static struct authenticator *authenticator_of(const char *program, const char *server, unsigned processes)
{
    const struct authenticator_settings settings = {
        .program = program, .processes = processes, .wait_ms = LONG_MS};
    const struct dns_settings dns = {.servers = &server, .n_servers = 1, .deadline_ms = 5000};
    struct authenticator *authenticator = NULL;
    struct problem problem = {""};
    if (authenticator_new(&settings, &dns, &authenticator, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    return authenticator;
}

static void authenticators_but_one_are_retired(void **state)
{
    unsigned others = children();
    struct pool pool = {.run = run_authenticator, .retire = retire_authenticator, .fd = short_message()};
    (void)state;
    pool.of = authenticator_of(authenticator_fake, "slow", PROCESSES);
    pool.mail_from = "a@slow.example";
    check_that_it_shrinks(&pool, others, 1);
    check_that_nobody_is_put_off(&pool, others, 1, run_once);
    pool.mail_from = NULL;
    check_that_nobody_is_put_off(&pool, others, 1, run_often);
    authenticator_free(pool.of);
    pool.of = authenticator_of(authenticator_real, "127.0.0.1@9", PROCESSES);
    check_that_nobody_is_put_off(&pool, others, 1, run_often);
    authenticator_free(pool.of);
    assert_int_equal(children(), others);
    pool.of = authenticator_of(authenticator_fake, "slow", 1);
    pool.mail_from = "a@slow.example";
    check_that_the_first_is_first(&pool);
    authenticator_free(pool.of);
    fd_close(&pool.fd);
}

static void sealers_are_retired(void **state)
{
    struct world *world = *state;
    unsigned others = children();
    struct pool pool = {.run = run_sealer, .retire = retire_sealer, .world = world};
    pool.of = another(world, PROCESSES, LONG_MS, 20000);
    check_that_it_shrinks(&pool, others, 0);
    check_that_nobody_is_put_off(&pool, others, 0, run_often);
    sealer_free(pool.of);
    assert_int_equal(children(), others);
}

static struct dkimsign *dkim_signers(const char *mode, unsigned processes)
{
    const struct dkim_key_settings key = {"s._domainkey.interieur.gov.example", "interieur.gov.example", mode,
                                          1};
    const struct dkim_settings settings = {.program = dkim_fake,
                                           .processes = processes,
                                           .wait_ms = LONG_MS,
                                           .deadline_ms = 20000,
                                           .names = "From",
                                           .keys = &key,
                                           .n_keys = 1};
    struct dkimsign *dkimsign = NULL;
    struct problem problem = {""};
    if (dkimsign_new(&settings, &dkimsign, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    return dkimsign;
}

static void dkim_signers_but_one_are_retired(void **state)
{
    unsigned others = children();
    struct pool pool = {.run = run_dkim_signer, .retire = retire_dkim_signer, .fd = short_message()};
    (void)state;
    pool.of = dkim_signers("slow", PROCESSES);
    check_that_it_shrinks(&pool, others, 1);
    check_that_nobody_is_put_off(&pool, others, 1, run_once);
    dkimsign_free(pool.of);
    pool.of = dkim_signers("honest", PROCESSES);
    check_that_nobody_is_put_off(&pool, others, 1, run_often);
    dkimsign_free(pool.of);
    assert_int_equal(children(), others);
    pool.of = dkim_signers("slow", 1);
    check_that_the_first_is_first(&pool);
    dkimsign_free(pool.of);
    fd_close(&pool.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authenticators_but_one_are_retired),
        cmocka_unit_test(sealers_are_retired),
        cmocka_unit_test(dkim_signers_but_one_are_retired),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
