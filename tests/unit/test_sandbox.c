/* SPDX-License-Identifier: Apache-2.0 */

/* What a hijacked inspector would try. Each row runs in a child of its own inside the sandbox; the kernel
 * must end that child with SIGSYS (or with the signal named), and a harmless row must get through. */

#include "helper/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    CALLS_KNOWN = 470,
    X32_TABLE = 0x40000000,
    CALLS_MOST = 40,
    CALLS_OF_SANITIZERS = 6,
    WALL_MS = 500,
    MEMORY = 512 * 1024 * 1024
};

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static int message_fd, pair[2];

static void do_nothing(void)
{
}

static void do_its_work(void)
{
    char bytes[16];
    char *memory = malloc((size_t)1 << 20);
    struct iovec part = {.iov_base = bytes, .iov_len = 1};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    struct pollfd poller = {.fd = pair[0], .events = POLLOUT};
    bool good = memory && pread(message_fd, bytes, 1, 0) == 1 && poll(&poller, 1, 100) == 1 &&
                sendmsg(pair[0], &header, MSG_NOSIGNAL) == 1;
    free(memory);
    _exit(good ? 0 : 1);
}

static void do_open(void)
{
    (void)open("/etc/passwd", O_RDONLY);
}

static void do_open_by_number(void)
{
    (void)syscall(SYS_open, "/etc/passwd", O_RDONLY);
}

static void do_openat2(void)
{
    (void)syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", NULL, 0);
}

static void do_socket(void)
{
    (void)socket(AF_INET, SOCK_STREAM, 0);
}

static void do_connect(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(25)};
    (void)connect(pair[0], (struct sockaddr *)&to, sizeof to);
}

static void do_exec(void)
{
    (void)execl("/bin/true", "true", (char *)NULL);
}

static void do_fork(void)
{
    if (fork() == 0)
        _exit(0);
}

static void do_clone3(void)
{
    (void)syscall(SYS_clone3, NULL, 0);
}

static void do_write(void)
{
    (void)syscall(SYS_pwrite64, message_fd, "x", 1, 0);
}

static void do_truncate(void)
{
    (void)syscall(SYS_ftruncate, message_fd, 0);
}

static void do_map_file(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, message_fd, 0);
}

static void do_map_executable(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void do_make_executable(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static void do_receive(void)
{
    char byte;
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    (void)recvmsg(pair[0], &header, MSG_DONTWAIT);
}

static void do_kill_parent(void)
{
    (void)kill(getppid(), SIGKILL);
}

static void do_ptrace(void)
{
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void do_stop_the_timer(void)
{
    const struct itimerval never = {{0, 0}, {0, 0}};
    (void)setitimer(ITIMER_REAL, &never, NULL);
}

static void do_raise_limits(void)
{
    const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    (void)syscall(SYS_setrlimit, RLIMIT_AS, &all);
}

static void do_io_uring(void)
{
    (void)syscall(SYS_io_uring_setup, 1, NULL);
}

static void do_prctl(void)
{
    (void)prctl(PR_SET_DUMPABLE, 1);
}

static void do_hang(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
}

static void do_take_all_memory(void)
{
    for (size_t i = 0; i < 64; i++) {
        char *block =
            mmap(NULL, (size_t)MEMORY / 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED)
            _exit(3);
    }
}

struct attempt {
    const char *name;
    void (*run)(void);
    int signal; /* that ends it; 0: it leaves by itself … */
    int status; /* … with this */
    bool not_sanitized;
};

enum cage { IN_A_PROCESS, BEHIND_A_FENCE };

static void run_in_cage(const struct sandbox *sandbox, const struct attempt *attempt)
{
    static const int caught_by_cmocka[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS};
    const struct sandbox_limits limits = {.memory_bytes = MEMORY, .wall_ms = WALL_MS};
    for (size_t i = 0; i < sizeof caught_by_cmocka / sizeof *caught_by_cmocka; i++)
        (void)signal(caught_by_cmocka[i], SIG_DFL);
    if (sandbox_enter(sandbox, &limits) != RESULT_OK)
        _exit(99);
    attempt->run();
    _exit(0);
}

/* A template: puts up the fence, forks one child and writes how that ended to answer_fd. */
static void run_template(const struct attempt *attempt, int answer_fd)
{
    struct sandbox *sandbox = NULL;
    int status = -1;
    if (sandbox_new(&sandbox, NULL) != RESULT_OK || sandbox_fence(sandbox, NULL) != RESULT_OK)
        _exit(98);
    pid_t pid = fork();
    if (pid == 0)
        run_in_cage(sandbox, attempt);
    bool told = pid > 0 && waitpid(pid, &status, 0) == pid &&
                write(answer_fd, &status, sizeof status) == (ssize_t)sizeof status;
    _exit(told ? 0 : 97);
}

static int run_caged(const struct sandbox *sandbox, const struct attempt *attempt, enum cage cage)
{
    int status = -1, answer = -1, pipes[2];
    (void)fflush(NULL);
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0 && cage == BEHIND_A_FENCE)
        run_template(attempt, pipes[1]);
    if (pid == 0)
        run_in_cage(sandbox, attempt);
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)close(pipes[1]);
    if (cage == BEHIND_A_FENCE) {
        assert_int_equal(status, 0);
        assert_int_equal(read(pipes[0], &answer, sizeof answer), sizeof answer);
        status = answer;
    }
    (void)close(pipes[0]);
    return status;
}

static void every_way_out_is_closed(void **state)
{
    static const struct attempt rows[] = {
        {"nothing", do_nothing, 0, 0, false},
        {"its work", do_its_work, 0, 0, false},
        {"open", do_open, SIGSYS, 0, false},
        {"open by number", do_open_by_number, SIGSYS, 0, false},
        {"openat2", do_openat2, SIGSYS, 0, false},
        {"socket", do_socket, SIGSYS, 0, false},
        {"connect", do_connect, SIGSYS, 0, false},
        {"exec", do_exec, SIGSYS, 0, false},
        {"fork", do_fork, SIGSYS, 0, false},
        {"clone3", do_clone3, SIGSYS, 0, false},
        {"write to the message", do_write, SIGSYS, 0, false},
        {"truncate the message", do_truncate, SIGSYS, 0, false},
        {"map the message", do_map_file, SIGSYS, 0, false},
        {"executable memory", do_map_executable, SIGSYS, 0, false},
        {"memory made executable", do_make_executable, SIGSYS, 0, false},
        {"receive", do_receive, SIGSYS, 0, false},
        {"kill", do_kill_parent, SIGSYS, 0, false},
        {"ptrace", do_ptrace, SIGSYS, 0, false},
        {"stop the timer", do_stop_the_timer, SIGSYS, 0, false},
        {"raise limits", do_raise_limits, SIGSYS, 0, false},
        {"io_uring", do_io_uring, SIGSYS, 0, false},
        {"prctl", do_prctl, SIGSYS, 0, false},
        {"hang", do_hang, SIGALRM, 0, false},
        {"take all memory", do_take_all_memory, 0, 3, true},
    };
    struct sandbox *sandbox = NULL;
    struct problem problem = {{0}};
    (void)state;
    if (sandbox_new(&sandbox, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    message_fd = memfd_create("message", 0);
    assert_int_equal(pwrite(message_fd, "x", 1, 0), 1);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (SANITIZED && rows[i].not_sanitized)
            continue;
        for (enum cage cage = IN_A_PROCESS; cage <= BEHIND_A_FENCE; cage++) {
            int status = run_caged(sandbox, &rows[i], cage);
            int got = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
            if (got != rows[i].signal || (!got && WEXITSTATUS(status) != rows[i].status))
                fail_msg("%s%s: signal %d, status %d", rows[i].name, cage == BEHIND_A_FENCE ? ", fenced" : "",
                         got, got ? 0 : WEXITSTATUS(status));
        }
    }
    sandbox_free(sandbox);
    (void)close(message_fd);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static long numbered_call;

static void do_numbered_call(void)
{
    (void)syscall(numbered_call, 0, 0, 0, 0, 0, 0);
}

/* Call by call, those of the x32 table too: a child behind a fence may do exactly what one without may. */
static void the_fence_changes_nothing(void **state)
{
    const struct attempt attempt = {.name = "a call", .run = do_numbered_call};
    struct sandbox *sandbox = NULL;
    unsigned allowed = 0;
    (void)state;
    assert_int_equal(sandbox_new(&sandbox, NULL), RESULT_OK);
    for (long i = 0; i < 2 * (long)CALLS_KNOWN; i++) {
        numbered_call = i < CALLS_KNOWN ? i : (i - CALLS_KNOWN) | X32_TABLE;
        int plain = run_caged(sandbox, &attempt, IN_A_PROCESS);
        int fenced = run_caged(sandbox, &attempt, BEHIND_A_FENCE);
        bool ended = WIFSIGNALED(plain) && WTERMSIG(plain) == SIGSYS;
        if (ended != (WIFSIGNALED(fenced) && WTERMSIG(fenced) == SIGSYS))
            fail_msg("call %ld: %s, but not behind the fence", numbered_call,
                     ended ? "forbidden" : "allowed");
        allowed += !ended;
    }
    assert_true(allowed >= 10 && allowed <= CALLS_MOST + (SANITIZED ? CALLS_OF_SANITIZERS : 0));
    sandbox_free(sandbox);
}

static void do_fenced_work(void)
{
    struct sandbox *sandbox = NULL;
    if (sandbox_new(&sandbox, NULL) != RESULT_OK || sandbox_fence(sandbox, NULL) != RESULT_OK)
        _exit(98);
}

static void do_open_in_the_template(void)
{
    do_fenced_work();
    do_open();
}

static void do_exec_in_the_template(void)
{
    do_fenced_work();
    do_exec();
}

static void the_template_is_fenced_itself(void **state)
{
    static void (*const runs[])(void) = {do_fenced_work, do_open_in_the_template, do_exec_in_the_template};
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        int status = -1;
        pid_t pid = fork();
        if (pid == 0) {
            runs[i]();
            _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, i && !SANITIZED ? SIGSYS : 0);
    }
}

static void the_list_is_short(void **state)
{
    struct sandbox *sandbox = NULL;
    (void)state;
    assert_int_equal(sandbox_new(&sandbox, NULL), RESULT_OK);
    assert_true(sandbox_calls(sandbox) <= CALLS_MOST);
    sandbox_free(sandbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_out_is_closed),
        cmocka_unit_test(the_fence_changes_nothing),
        cmocka_unit_test(the_template_is_fenced_itself),
        cmocka_unit_test(the_list_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
