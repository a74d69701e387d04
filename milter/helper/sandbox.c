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

struct filter {
    struct sock_filter *code;
    unsigned short size;
};

struct sandbox {
    struct filter whole; /* the list, as a process without a fence needs it */
    struct filter rest;  /* what the list forbids and the fence allows */
    unsigned n_calls;
    bool fenced;
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

/* What a template does, and its child before it enters. */
static const int template_calls[] = {
    SCMP_SYS(recvmsg),   SCMP_SYS(read),         SCMP_SYS(write),       SCMP_SYS(clone),
    SCMP_SYS(wait4),     SCMP_SYS(kill),         SCMP_SYS(dup),         SCMP_SYS(dup2),
    SCMP_SYS(prlimit64), SCMP_SYS(rt_sigaction), SCMP_SYS(close_range), SCMP_SYS(set_robust_list),
    SCMP_SYS(setitimer), SCMP_SYS(prctl),        SCMP_SYS(signalfd4),
};

/* listen and accept are not among them: it asks and is never asked. */
static const int network_calls[] = {
    SCMP_SYS(bind),        SCMP_SYS(connect),   SCMP_SYS(sendto),     SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),     SCMP_SYS(read),      SCMP_SYS(write),      SCMP_SYS(writev),
    SCMP_SYS(setsockopt),  SCMP_SYS(shutdown),  SCMP_SYS(getsockopt), SCMP_SYS(getsockname),
    SCMP_SYS(getpeername), SCMP_SYS(setitimer),
};

/* What a process needs that is asked one thing after another: jobs with their descriptors, a timer for each,
 * and a last line to standard error. */
static const int serving_calls[] = {SCMP_SYS(recvmsg), SCMP_SYS(setitimer), SCMP_SYS(write)};

static int add_list(scmp_filter_ctx context, uint32_t action, const int *list, size_t n)
{
    int error = 0;
    for (size_t i = 0; i < n && !error; i++)
        error = seccomp_rule_add(context, action, list[i], 0);
    return error;
}

static int add_network(scmp_filter_ctx context, unsigned *count)
{
    static const scmp_datum_t families[] = {AF_INET, AF_INET6}, types[] = {SOCK_DGRAM, SOCK_STREAM};
    static const scmp_datum_t controls[] = {F_GETFL, F_SETFL, F_GETFD, F_SETFD};
    const scmp_datum_t whole = UINT32_MAX, type = whole & ~(scmp_datum_t)(SOCK_CLOEXEC | SOCK_NONBLOCK);
    size_t n = sizeof network_calls / sizeof *network_calls;
    int error = add_list(context, SCMP_ACT_ALLOW, network_calls, n);
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
    int listed = add_list(context, SCMP_ACT_ALLOW, calls, sizeof calls / sizeof *calls);
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

static int add_calls_with_network(scmp_filter_ctx context, unsigned *count)
{
    int error = add_calls(context, count);
    return error ? error : add_network(context, count);
}

static int add_calls_for_serving(scmp_filter_ctx context, unsigned *count)
{
    enum { CALLS = sizeof serving_calls / sizeof *serving_calls };
    int error = add_calls(context, count);
    *count += CALLS;
    return error ? error : add_list(context, SCMP_ACT_ALLOW, serving_calls, CALLS);
}

static int add_fence(scmp_filter_ctx context, unsigned *count)
{
    int error = add_calls(context, count);
    return error ? error
                 : add_list(context, SCMP_ACT_ALLOW, template_calls,
                            sizeof template_calls / sizeof *template_calls);
}

static int add_rest(scmp_filter_ctx context, unsigned *count)
{
    *count = 0;
    return add_list(context, SCMP_ACT_KILL_PROCESS, template_calls,
                    sizeof template_calls / sizeof *template_calls);
}

static enum result read_filter(struct filter *filter, int fd)
{
    struct stat about;
    if (fstat(fd, &about) != 0 || about.st_size <= 0 ||
        about.st_size > (off_t)(BPF_MAXINSNS * sizeof(struct sock_filter)))
        return RESULT_TRY_LATER;
    size_t size = (size_t)about.st_size;
    filter->code = malloc(size);
    if (!filter->code)
        return RESULT_TRY_LATER;
    filter->size = (unsigned short)(size / sizeof(struct sock_filter));
    return fd_read_at(fd, filter->code, size, 0);
}

/* otherwise: what becomes of a call that `add` did not add. libseccomp's own load would compile the filter
 * anew in every child: measured, that costs more than the fork. */
static enum result compile(struct filter *filter, uint32_t otherwise,
                           int (*add)(scmp_filter_ctx context, unsigned *count), unsigned *count_out,
                           struct problem *problem)
{
    enum result result = RESULT_TRY_LATER;
    int error = ENOMEM, fd = -1;
    scmp_filter_ctx context = seccomp_init(otherwise);
    if (!context)
        goto out;
    /* A binary tree: the kernel runs the filter on every call number once at installation. */
    error = -seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    /* A call of another architecture's table is none of ours, whatever its number. */
    if (!error)
        error = -seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (!error)
        error = -add(context, count_out);
    if (error)
        goto out;
    fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0) {
        error = errno;
        goto out;
    }
    error = -seccomp_export_bpf(context, fd);
    if (!error)
        result = read_filter(filter, fd);
out:
    fd_close(&fd);
    if (context)
        seccomp_release(context);
    if (result != RESULT_OK)
        return problem_set(problem, result, "sandbox: cannot build the system call filter: %s",
                           strerror(error));
    return result;
}

static enum result make(struct sandbox **sandbox_out, int (*add)(scmp_filter_ctx context, unsigned *count),
                        struct problem *problem)
{
    struct sandbox *sandbox = calloc(1, sizeof *sandbox);
    if (!sandbox)
        return problem_set(problem, RESULT_TRY_LATER, "sandbox: no memory");
    enum result result = compile(&sandbox->whole, SCMP_ACT_KILL_PROCESS, add, &sandbox->n_calls, problem);
    if (result != RESULT_OK) {
        sandbox_free(sandbox);
        return result;
    }
    *sandbox_out = sandbox;
    return RESULT_OK;
}

enum result sandbox_new(struct sandbox **sandbox_out, struct problem *problem)
{
    return make(sandbox_out, add_calls, problem);
}

enum result sandbox_new_serving(struct sandbox **sandbox_out, struct problem *problem)
{
    return make(sandbox_out, add_calls_for_serving, problem);
}

enum result sandbox_new_with_network(struct sandbox **sandbox_out, struct problem *problem)
{
    return make(sandbox_out, add_calls_with_network, problem);
}

void sandbox_free(struct sandbox *sandbox)
{
    if (!sandbox)
        return;
    free(sandbox->whole.code);
    free(sandbox->rest.code);
    free(sandbox);
}

unsigned sandbox_calls(const struct sandbox *sandbox)
{
    return sandbox->n_calls;
}

bool sandbox_keeps_stderr(void)
{
    return SANITIZED;
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
    uint64_t cpu_s = limits->cpu_s ? limits->cpu_s : wall_ms / 1000 + 1;
    return setitimer(ITIMER_REAL, &timer, NULL) == 0 && limit(RLIMIT_CPU, cpu_s);
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

static bool install(const struct filter *filter)
{
    const struct sock_fprog program = {.len = filter->size, .filter = filter->code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

enum result sandbox_fence(struct sandbox *sandbox, struct problem *problem)
{
    struct filter fence = {.code = NULL};
    unsigned ignored;
    /* What a sanitizer does at the end of a process is nobody's list. */
    if (SANITIZED)
        return RESULT_OK;
    enum result result = compile(&fence, SCMP_ACT_KILL_PROCESS, add_fence, &ignored, problem);
    if (result == RESULT_OK)
        result = compile(&sandbox->rest, SCMP_ACT_ALLOW, add_rest, &ignored, problem);
    if (result == RESULT_OK && !install(&fence))
        result =
            problem_set(problem, RESULT_TRY_LATER, "sandbox: cannot put up the fence: %s", strerror(errno));
    sandbox->fenced = result == RESULT_OK;
    free(fence.code);
    return result;
}

enum result sandbox_enter(const struct sandbox *sandbox, const struct sandbox_limits *limits)
{
    bool caged = set_limits(limits) && install(sandbox->fenced ? &sandbox->rest : &sandbox->whole);
    return caged ? RESULT_OK : RESULT_BUG;
}

enum result sandbox_shut_in(enum result (*maker)(struct sandbox **sandbox_out, struct problem *problem),
                            const struct sandbox_limits *limits, struct problem *problem)
{
    struct sandbox *sandbox = NULL;
    enum result result = maker(&sandbox, problem);
    if (result == RESULT_OK && sandbox_enter(sandbox, limits) != RESULT_OK)
        result = problem_set(problem, RESULT_BUG, "sandbox: it does not close");
    sandbox_free(sandbox);
    return result;
}
