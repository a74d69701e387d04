/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/process.h"

#include "base/fd.h"
#include "helper/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between fork and exec in a threaded parent: async-signal-safe calls only. */
static void become(const char *const argv[], int control)
{
    /* A helper has one thread: libraries that would start some are told so before they look. GLib's own
     * allocator hands out what the template freed here and there, and each such page is copied in the child;
     * malloc has been told not to (helper/heap.h). */
    static const char *const environment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "G_SLICE=always-malloc",
                                              "OMP_THREAD_LIMIT=1", NULL};
    sigset_t none;
    int null = open("/dev/null", O_RDWR);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    if (setpgid(0, 0) != 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
        _exit(126);
    if (control == HELPER_CONTROL_FD)
        (void)fcntl(control, F_SETFD, 0);
    else if (dup2(control, HELPER_CONTROL_FD) < 0)
        _exit(126);
    if (close_range(HELPER_CONTROL_FD + 1, ~0U, 0) != 0)
        _exit(126);
    (void)execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
    _exit(127);
}

enum result helper_start(struct helper_process *process, const char *const argv[], struct problem *problem)
{
    int pair[2];
    *process = (struct helper_process){.control = -1};
    if (access(argv[0], X_OK) != 0)
        return problem_set(problem, RESULT_TRY_LATER,
                           "%s: cannot run it: %s: install it, or mend its path in khatm.conf", argv[0],
                           strerror(errno));
    if (wire_pair(pair) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "%s: no socket for it: %s", argv[0], strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        become(argv, pair[1]);
    fd_close(&pair[1]);
    if (pid < 0) {
        fd_close(&pair[0]);
        return problem_set(problem, RESULT_TRY_LATER, "%s: fork: %s", argv[0], strerror(errno));
    }
    /* Also from this side, so that a kill of the group cannot come before the group exists. */
    (void)setpgid(pid, pid);
    process->pid = pid;
    process->control = pair[0];
    return RESULT_OK;
}

void helper_kill(struct helper_process *process)
{
    fd_close(&process->control);
    if (process->pid <= 0)
        return;
    (void)kill(-process->pid, SIGKILL);
    while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    process->pid = 0;
}

bool helper_alive(struct helper_process *process)
{
    if (process->pid <= 0)
        return false;
    pid_t done = waitpid(process->pid, NULL, WNOHANG);
    if (done == 0 || (done < 0 && errno == EINTR))
        return true;
    /* What it started may outlive it: the group goes too. */
    (void)kill(-process->pid, SIGKILL);
    process->pid = 0;
    fd_close(&process->control);
    return false;
}

struct helper_process helper_take(struct helper_process *process)
{
    struct helper_process taken = *process;
    *process = (struct helper_process){.control = -1};
    return taken;
}

enum result helper_harden(struct problem *problem)
{
    const struct rlimit nothing = {0, 0};
    if (setrlimit(RLIMIT_CORE, &nothing) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return problem_set(problem, RESULT_BUG, "cannot shed privileges: %s", strerror(errno));
    return RESULT_OK;
}
