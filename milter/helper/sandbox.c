/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/sandbox.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                                   \
    __has_feature(undefined_behavior_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

struct sandbox {
    struct sock_filter *filter;
    unsigned short n_filter;
    unsigned n_calls;
};

/* Clocks and time are vDSO calls on most machines, but not on all. */
static const int calls[] = {
    SCMP_SYS(pread64),
    SCMP_SYS(sendmsg),
    SCMP_SYS(poll),
    SCMP_SYS(close),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
#if SANITIZED
    SCMP_SYS(write),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(prlimit64),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(tgkill),
#endif
};

/* listen and accept are not among them: it asks and is never asked. */
static const int network_calls[] = {
    SCMP_SYS(bind),        SCMP_SYS(connect),   SCMP_SYS(sendto),     SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),     SCMP_SYS(read),      SCMP_SYS(write),      SCMP_SYS(writev),
    SCMP_SYS(setsockopt),  SCMP_SYS(shutdown),  SCMP_SYS(getsockopt), SCMP_SYS(getsockname),
    SCMP_SYS(getpeername), SCMP_SYS(setitimer),
};

static int add_list(scmp_filter_ctx context, const int *list, size_t n)
{
    int error = 0;
    for (size_t i = 0; i < n && !error; i++)
        error = seccomp_rule_add(context, SCMP_ACT_ALLOW, list[i], 0);
    return error;
}

static int add_network(scmp_filter_ctx context, unsigned *count)
{
    static const scmp_datum_t families[] = {AF_INET, AF_INET6}, types[] = {SOCK_DGRAM, SOCK_STREAM};
    static const scmp_datum_t controls[] = {F_GETFL, F_SETFL, F_GETFD, F_SETFD};
    const scmp_datum_t whole = UINT32_MAX, type = whole & ~(scmp_datum_t)(SOCK_CLOEXEC | SOCK_NONBLOCK);
    size_t n = sizeof network_calls / sizeof *network_calls;
    int error = add_list(context, network_calls, n);
    for (size_t i = 0; i < 4 && !error; i++)
        error = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                                 SCMP_A0(SCMP_CMP_MASKED_EQ, whole, families[i / 2]),
                                 SCMP_A1(SCMP_CMP_MASKED_EQ, type, types[i % 2]));
    for (size_t i = 0; i < sizeof controls / sizeof *controls && !error; i++)
        error = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                                 SCMP_A1(SCMP_CMP_MASKED_EQ, whole, controls[i]));
    if (!error)
        error = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                                 SCMP_A1(SCMP_CMP_MASKED_EQ, whole, FIONBIO));
    *count += (unsigned)n + 3;
    return error;
}

static int add_calls(scmp_filter_ctx context, unsigned *count)
{
    int listed = add_list(context, calls, sizeof calls / sizeof *calls);
    if (listed)
        return listed;
    /* Anonymous only: the message's descriptor may be writable, and a shared mapping would write to it. */
    int error = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                                 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                                 SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
    if (!error)
        error = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    *count = (unsigned)(sizeof calls / sizeof *calls) + 2;
    return error;
}

static enum result read_filter(struct sandbox *sandbox, int fd)
{
    struct stat about;
    if (fstat(fd, &about) != 0 || about.st_size <= 0 ||
        about.st_size > (off_t)(BPF_MAXINSNS * sizeof(struct sock_filter)))
        return RESULT_TRY_LATER;
    size_t size = (size_t)about.st_size;
    sandbox->filter = malloc(size);
    if (!sandbox->filter)
        return RESULT_TRY_LATER;
    sandbox->n_filter = (unsigned short)(size / sizeof(struct sock_filter));
    return fd_read_at(fd, sandbox->filter, size, 0);
}

/* libseccomp's own load would compile the filter anew in every child: measured, that costs more than the
 * fork. */
static enum result compile(struct sandbox *sandbox, bool network, struct problem *problem)
{
    enum result result = RESULT_TRY_LATER;
    int error = ENOMEM, fd = -1;
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!context)
        goto out;
    /* A binary tree: the kernel runs the filter on every call number once at installation. */
    error = -seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (!error)
        error = -add_calls(context, &sandbox->n_calls);
    if (!error && network)
        error = -add_network(context, &sandbox->n_calls);
    if (error)
        goto out;
    fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0) {
        error = errno;
        goto out;
    }
    error = -seccomp_export_bpf(context, fd);
    if (!error)
        result = read_filter(sandbox, fd);
out:
    fd_close(&fd);
    if (context)
        seccomp_release(context);
    if (result != RESULT_OK)
        return problem_set(problem, result, "sandbox: cannot build the system call filter: %s",
                           strerror(error));
    return result;
}

static enum result make(struct sandbox **sandbox_out, bool network, struct problem *problem)
{
    struct sandbox *sandbox = calloc(1, sizeof *sandbox);
    if (!sandbox)
        return problem_set(problem, RESULT_TRY_LATER, "sandbox: no memory");
    enum result result = compile(sandbox, network, problem);
    if (result != RESULT_OK) {
        sandbox_free(sandbox);
        return result;
    }
    *sandbox_out = sandbox;
    return RESULT_OK;
}

enum result sandbox_new(struct sandbox **sandbox_out, struct problem *problem)
{
    return make(sandbox_out, false, problem);
}

enum result sandbox_new_with_network(struct sandbox **sandbox_out, struct problem *problem)
{
    return make(sandbox_out, true, problem);
}

void sandbox_free(struct sandbox *sandbox)
{
    if (!sandbox)
        return;
    free(sandbox->filter);
    free(sandbox);
}

unsigned sandbox_calls(const struct sandbox *sandbox)
{
    return sandbox->n_calls;
}

static bool limit(__rlimit_resource_t what, uint64_t most)
{
    const struct rlimit value = {(rlim_t)most, (rlim_t)most};
    return setrlimit(what, &value) == 0;
}

/* The wall clock is the real bound; the CPU limit holds even if SIGALRM were blocked by hijacked code. */
static bool set_time(const struct sandbox_limits *limits)
{
    if (signal(SIGALRM, SIG_DFL) == SIG_ERR)
        return false;
    if (limits->lasting)
        return true;
    uint64_t wall_ms = limits->wall_ms > 0 ? (uint64_t)limits->wall_ms : 1;
    const struct itimerval timer = {
        .it_value = {.tv_sec = (time_t)(wall_ms / 1000), .tv_usec = (suseconds_t)(wall_ms % 1000 * 1000)}};
    return setitimer(ITIMER_REAL, &timer, NULL) == 0 && limit(RLIMIT_CPU, wall_ms / 1000 + 1);
}

static bool set_limits(const struct sandbox_limits *limits)
{
    /* A sanitizer's shadow memory is terabytes of address space. */
    if (!SANITIZED && !limit(RLIMIT_AS, limits->memory_bytes))
        return false;
    /* poll(2) refuses to watch more descriptors than the limit: 1, and number 0 is taken, so none can be
     * added. */
    return set_time(limits) && limit(RLIMIT_FSIZE, 0) &&
           limit(RLIMIT_NOFILE, limits->descriptors ? limits->descriptors : 1) && limit(RLIMIT_NPROC, 0) &&
           limit(RLIMIT_CORE, 0);
}

enum result sandbox_enter(const struct sandbox *sandbox, const struct sandbox_limits *limits)
{
    const struct sock_fprog program = {.len = sandbox->n_filter, .filter = sandbox->filter};
    if (!set_limits(limits) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
        return RESULT_BUG;
    return RESULT_OK;
}
