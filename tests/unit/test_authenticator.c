/* SPDX-License-Identifier: Apache-2.0 */

/* The daemon's side: helpers that die, hang and lie are never a pass; hundreds of messages with a dead DNS
 * server are answered in bounded time; the sandbox lets it ask DNS and do nothing else. */

#include "base/clock.h"
#include "helper/pages.h"
#include "helper/sandbox.h"
#include "sender/authenticator.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 300, BOUND_MS = 40000, CALLS_MAX = 55, SANDBOX_MEMORY = 512 * 1024 * 1024 };

static const char fake[] = KHATM_SOURCE_DIR "/tests/support/fake-authenticator";
static const char real[] = KHATM_BUILD_DIR "/khatm-authenticator";

static int message_file(const char *text)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    return fd;
}

static enum result run_message(struct authenticator *authenticator, int fd, bool spare, struct arena *arena,
                               const struct proofs **proofs, struct problem *problem)
{
    const struct authenticator_message message = {.fd = fd,
                                                  .size = 2,
                                                  .body_offset = 2,
                                                  .client_address = "192.0.2.1",
                                                  .helo = "mx.example.org",
                                                  .mail_from = "a@example.org",
                                                  .spare = spare};
    return authenticator_run(authenticator, &message, arena, proofs, problem);
}

static enum result run_one(struct authenticator *authenticator, int fd, struct arena *arena,
                           const struct proofs **proofs, struct problem *problem)
{
    return run_message(authenticator, fd, false, arena, proofs, problem);
}

static enum result new_with(const char *program, const char *server, unsigned processes,
                            struct authenticator **authenticator, struct problem *problem)
{
    const struct authenticator_settings settings = {
        .program = program, .processes = processes, .wait_ms = 30000};
    const struct dns_settings dns = {.servers = &server, .n_servers = 1, .deadline_ms = 5000};
    return authenticator_new(&settings, &dns, authenticator, problem);
}

static const struct {
    const char *mode, *says; /* NULL: it works */
} faults[] = {
    {"honest", NULL},     {"dies", "died at work"},       {"short", "answered nonsense"},
    {"lies", "nonsense"}, {"other", "answered nonsense"}, {"descriptor", "answered nonsense"},
};

static void what_a_bad_helper_says_is_never_a_pass(void **state)
{
    int fd = message_file("\r\n");
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct problem problem = {""};
        struct authenticator *authenticator = NULL;
        assert_int_equal(new_with(fake, faults[i].mode, 1, &authenticator, &problem), RESULT_OK);
        /* Twice: the second message gets a fresh process. */
        for (int round = 0; round < 2; round++) {
            const struct proofs *proofs = NULL;
            struct arena *arena = arena_new(0);
            enum result result = run_one(authenticator, fd, arena, &proofs, &problem);
            if (result != (faults[i].says ? RESULT_TRY_LATER : RESULT_OK) ||
                (faults[i].says && !strstr(problem.text, faults[i].says)))
                fail_msg("%s: result %d, %s", faults[i].mode, (int)result, problem.text);
            arena_free(arena);
        }
        authenticator_free(authenticator);
    }
    (void)close(fd);
}

static void one_that_hangs_is_killed(void **state)
{
    static const char *const server = "hangs";
    const struct authenticator_settings settings = {.program = fake, .processes = 1, .wait_ms = 300};
    const struct dns_settings dns = {.servers = &server, .n_servers = 1, .deadline_ms = 300};
    struct problem problem = {""};
    struct authenticator *authenticator = NULL;
    const struct proofs *proofs = NULL;
    struct arena *arena = arena_new(0);
    int fd = message_file("\r\n");
    assert_int_equal(authenticator_new(&settings, &dns, &authenticator, &problem), RESULT_OK);
    int64_t begin_ms = clock_monotonic_ms();
    assert_int_equal(run_one(authenticator, fd, arena, &proofs, &problem), RESULT_TRY_LATER);
    assert_true(clock_monotonic_ms() - begin_ms < 15000);
    assert_non_null(strstr(problem.text, "did not answer in time"));
    authenticator_free(authenticator);
    arena_free(arena);
    (void)close(fd);
}

static void one_that_does_not_start_is_said(void **state)
{
    struct problem problem = {""};
    struct authenticator *authenticator = NULL;
    assert_int_equal(new_with(fake, "absent", 1, &authenticator, &problem), RESULT_TRY_LATER);
    assert_non_null(strstr(problem.text, "did not start"));
    assert_int_equal(new_with("/nonexistent", "x", 1, &authenticator, &problem), RESULT_TRY_LATER);
    assert_int_equal(new_with(real, "not-an-address", 1, &authenticator, &problem), RESULT_TRY_LATER);
}

struct spare {
    struct authenticator *authenticator;
    int fd;
    bool refused;
};

static void *run_spare(void *argument)
{
    struct spare *spare = argument;
    struct problem problem = {""};
    const struct proofs *proofs = NULL;
    struct arena *arena = arena_new(0);
    enum result result = run_message(spare->authenticator, spare->fd, true, arena, &proofs, &problem);
    spare->refused = result == RESULT_TRY_LATER && strstr(problem.text, "no process to spare");
    arena_free(arena);
    return NULL;
}

/* Of two processes one is left to whom somebody waits for, and of one none is spare. */
static void what_nothing_waits_for_takes_half_at_most(void **state)
{
    int fd = message_file("\r\n");
    struct problem problem = {""};
    struct authenticator *authenticator = NULL;
    assert_int_equal(new_with(fake, "hangs", 2, &authenticator, &problem), RESULT_OK);
    struct spare spares[2] = {{.authenticator = authenticator, .fd = fd},
                              {.authenticator = authenticator, .fd = fd}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_spare, &spares[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(spares[0].refused + spares[1].refused, 1);
    authenticator_free(authenticator);
    assert_int_equal(new_with(fake, "honest", 1, &authenticator, &problem), RESULT_OK);
    struct spare alone = {.authenticator = authenticator, .fd = fd};
    (void)run_spare(&alone);
    assert_true(alone.refused);
    authenticator_free(authenticator);
    (void)close(fd);
}

struct crowd {
    struct authenticator *authenticator;
    int fd;
    unsigned later; /* atomic */
};

static void *one_of_many(void *argument)
{
    struct crowd *crowd = argument;
    struct problem problem = {""};
    const struct proofs *proofs = NULL;
    struct arena *arena = arena_new(0);
    if (run_one(crowd->authenticator, crowd->fd, arena, &proofs, &problem) == RESULT_OK &&
        proofs->try_later && proofs->spf.verdict == SPF_PROOF_TEMPERROR &&
        strstr(proofs->try_later_why, "no DNS server answers"))
        (void)__atomic_add_fetch(&crowd->later, 1, __ATOMIC_RELAXED);
    arena_free(arena);
    return NULL;
}

static void a_dead_dns_server_is_try_later_in_bounded_time(void **state)
{
    char server[64];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    struct problem problem = {""};
    struct crowd crowd = {.fd = message_file("\r\n")};
    pthread_t threads[THREADS];
    int mute = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(mute, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(mute, (struct sockaddr *)&address, &size), 0);
    (void)snprintf(server, sizeof server, "127.0.0.1@%u", ntohs(address.sin_port));
    assert_int_equal(new_with(real, server, 4, &crowd.authenticator, &problem), RESULT_OK);
    int64_t begin_ms = clock_monotonic_ms();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, one_of_many, &crowd), 0);
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    int64_t took_ms = clock_monotonic_ms() - begin_ms;
    assert_int_equal(crowd.later, THREADS);
    assert_true(took_ms < BOUND_MS);
    print_message("# %d messages with a dead DNS server: %lld ms\n", THREADS, (long long)took_ms);
    authenticator_free(crowd.authenticator);
    (void)close(crowd.fd);
    (void)close(mute);
}

struct claim {
    struct authenticator *authenticator;
    int fd;
    const char *domain;
    int64_t took_ms;
};

static void *one_claim(void *argument)
{
    struct claim *claim = argument;
    struct problem problem = {""};
    const struct proofs *proofs = NULL;
    struct arena *arena = arena_new(0);
    const struct authenticator_message message = {
        .fd = claim->fd, .size = 2, .body_offset = 2, .domain = claim->domain};
    int64_t begin_ms = clock_monotonic_ms();
    if (authenticator_run(claim->authenticator, &message, arena, &proofs, &problem) == RESULT_OK)
        claim->took_ms = clock_monotonic_ms() - begin_ms;
    arena_free(arena);
    return NULL;
}

/* Twenty messages about one domain, of a second each, and in the middle of them others. */
static void a_slow_domain_leaves_room_for_others(void **state)
{
    enum { SLOW = 20, QUICK = 3, PROCESSES = 4, SLOW_MS = 1000 };
    static const char *const domains[] = {"quick.example", "other.example", NULL};
    struct problem problem = {""};
    struct claim slow[SLOW], quick[QUICK];
    pthread_t threads[SLOW];
    struct authenticator *authenticator = NULL;
    int fd = message_file("\r\n");
    assert_int_equal(new_with(fake, "slow", PROCESSES, &authenticator, &problem), RESULT_OK);
    for (int i = 0; i < SLOW; i++) {
        slow[i] = (struct claim){authenticator, fd, "slow.example", -1};
        assert_int_equal(pthread_create(&threads[i], NULL, one_claim, &slow[i]), 0);
    }
    (void)usleep(SLOW_MS / 2 * 1000);
    for (int i = 0; i < QUICK; i++) {
        quick[i] = (struct claim){authenticator, fd, domains[i], -1};
        (void)one_claim(&quick[i]);
        if (quick[i].took_ms < 0 || quick[i].took_ms >= 3 * SLOW_MS) /* in turn it would be five */
            fail_msg("%s: %lld ms", domains[i] ? domains[i] : "no domain", (long long)quick[i].took_ms);
    }
    for (int i = 0; i < SLOW; i++) {
        (void)pthread_join(threads[i], NULL);
        assert_true(slow[i].took_ms >= SLOW_MS);
        assert_true(slow[i].took_ms < SLOW * SLOW_MS);
    }
    authenticator_free(authenticator);
    (void)close(fd);
}

static void our_own_machine_has_no_spf(void **state)
{
    static const char *const addresses[] = {"127.0.0.1",        "127.9.9.9", "::1",
                                            "::ffff:127.0.0.1", "IPv6:::1",  NULL};
    struct problem problem = {""};
    struct authenticator *authenticator = NULL;
    int fd = message_file("\r\n");
    assert_int_equal(new_with(real, "127.0.0.1@9", 1, &authenticator, &problem), RESULT_OK);
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        const struct proofs *proofs = NULL;
        struct arena *arena = arena_new(0);
        const struct authenticator_message message = {.fd = fd,
                                                      .size = 2,
                                                      .body_offset = 2,
                                                      .client_address = addresses[i],
                                                      .helo = "x.example",
                                                      .mail_from = "a@example.org"};
        assert_int_equal(authenticator_run(authenticator, &message, arena, &proofs, &problem), RESULT_OK);
        assert_int_equal(proofs->spf.verdict, SPF_PROOF_NONE);
        assert_false(proofs->try_later);
        arena_free(arena);
    }
    authenticator_free(authenticator);
    (void)close(fd);
}

static void try_open(void)
{
    (void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void try_fork(void)
{
    (void)fork();
}

static void try_exec(void)
{
    (void)execl("/bin/true", "true", (char *)NULL);
}

static void try_unix_socket(void)
{
    (void)socket(AF_UNIX, SOCK_STREAM, 0);
}

static void try_raw_socket(void)
{
    (void)socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static void try_netlink(void)
{
    (void)socket(AF_NETLINK, SOCK_DGRAM, 0);
}

static void try_listen(void)
{
    (void)listen(socket(AF_INET, SOCK_STREAM, 0), 1);
}

static void try_exec_memory(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void try_kill(void)
{
    (void)kill(getppid(), 0);
}

static void try_ptrace(void)
{
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void try_read_process(void)
{
    (void)syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static void try_pidfd(void)
{
    (void)syscall(SYS_pidfd_open, getppid(), 0);
}

static void try_shared_memory(void)
{
    (void)shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
}

static void try_new_file(void)
{
    (void)memfd_create("x", 0);
}

static void try_limits(void)
{
    const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    (void)syscall(SYS_setrlimit, RLIMIT_AS, &all);
}

static int message_to_change;

/* It may write to sockets, and so to any descriptor; no file takes it. */
static void try_write(void)
{
    (void)!write(message_to_change, "X", 1);
}

static void do_dns(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)connect(fd, (struct sockaddr *)&address, sizeof address);
    (void)send(fd, "x", 1, 0);
    (void)close(fd);
    (void)close(socket(AF_INET6, SOCK_STREAM, 0));
}

static const struct {
    const char *name;
    void (*act)(void);
    int signal; /* that ends it; 0: it lives */
} acts[] = {
    {"ask DNS", do_dns, 0},
    {"give back memory", pages_rest, 0},
    {"write to the message", try_write, SIGXFSZ},
    {"kill", try_kill, SIGSYS},
    {"ptrace", try_ptrace, SIGSYS},
    {"read another process", try_read_process, SIGSYS},
    {"pidfd", try_pidfd, SIGSYS},
    {"shared memory", try_shared_memory, SIGSYS},
    {"new file", try_new_file, SIGSYS},
    {"raise limits", try_limits, SIGSYS},
    {"open a file", try_open, SIGSYS},
    {"fork", try_fork, SIGSYS},
    {"exec", try_exec, SIGSYS},
    {"unix socket", try_unix_socket, SIGSYS},
    {"raw socket", try_raw_socket, SIGSYS},
    {"netlink", try_netlink, SIGSYS},
    {"listen", try_listen, SIGSYS},
    {"executable memory", try_exec_memory, SIGSYS},
};

static void the_sandbox_lets_it_ask_dns_and_no_more(void **state)
{
    const struct sandbox_limits limits = {.memory_bytes = SANDBOX_MEMORY, .lasting = true, .descriptors = 64};
    struct sandbox *sandbox = NULL;
    struct problem problem = {""};
    assert_int_equal(sandbox_new_with_network(&sandbox, &problem), RESULT_OK);
    assert_true(sandbox_calls(sandbox) <= CALLS_MAX);
    message_to_change = message_file("message");
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            if (sandbox_enter(sandbox, &limits) != RESULT_OK)
                _exit(9);
            acts[i].act();
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        bool lived = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (acts[i].signal ? !WIFSIGNALED(status) || WTERMSIG(status) != acts[i].signal : !lived)
            fail_msg("%s: status 0x%x", acts[i].name, (unsigned)status);
    }
    char first = '\0';
    assert_int_equal(pread(message_to_change, &first, 1, 0), 1);
    assert_int_equal(first, 'm');
    (void)close(message_to_change);
    sandbox_free(sandbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_bad_helper_says_is_never_a_pass),
        cmocka_unit_test(one_that_hangs_is_killed),
        cmocka_unit_test(what_nothing_waits_for_takes_half_at_most),
        cmocka_unit_test(one_that_does_not_start_is_said),
        cmocka_unit_test(a_dead_dns_server_is_try_later_in_bounded_time),
        cmocka_unit_test(a_slow_domain_leaves_room_for_others),
        cmocka_unit_test(our_own_machine_has_no_spf),
        cmocka_unit_test(the_sandbox_lets_it_ask_dns_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
