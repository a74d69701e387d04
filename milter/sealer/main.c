/* SPDX-License-Identifier: Apache-2.0 */
/* khatm-sealer GPG RING [RESIDENT]: the program that runs gpg. One process a slot, started by khatmd with the
 * control socket as descriptor 3; answers one frame at a time until that socket closes. Everything it starts
 * stays in its process group, and each job has a timer that kills the group: a gpg that hangs cannot outlive
 * a daemon that died. */
#include "base/fd.h"
#include "base/log.h"
#include "helper/process.h"
#include "sealer/serve.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static void end_group(int signal_number)
{
    (void)signal_number;
    (void)kill(0, SIGKILL);
}

static enum result settle(const char *ring, struct problem *problem)
{
    /* GPGME walks all possible descriptors before each exec where /proc is closed to it. */
    const struct rlimit few = {128, 128};
    struct sigaction end = {.sa_handler = end_group};
    enum result result = helper_harden(problem);
    if (result != RESULT_OK)
        return result;
    /* HOME: where gpg finds an excerpt (excerpt.h). LC_ALL: loading a locale is a tenth of gpg's time for a
     * small message; what it tells us is ASCII or UTF-8 anyway. GPGME forks twice: its grandchildren come
     * back to us to be reaped, not to whatever process 1 is. */
    if (setrlimit(RLIMIT_NOFILE, &few) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 ||
        sigaction(SIGALRM, &end, NULL) != 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
        setenv("LC_ALL", "C", 1) != 0 || setenv("HOME", ring, 1) != 0 ||
        fcntl(HELPER_CONTROL_FD, F_SETFD, FD_CLOEXEC) != 0)
        return problem_set(problem, RESULT_BUG, "cannot set itself up: run it from khatmd only");
    return RESULT_OK;
}

int main(int argc, char *argv[])
{
    struct problem problem = {""};
    log_open("khatm-sealer", 0, LOG_LEVEL_WARNING);
    bool resident = argc == 4 && strcmp(argv[3], SEAL_RESIDENT) == 0;
    if (argc != 3 && !resident) {
        log_error("usage: khatm-sealer GPG RING [" SEAL_RESIDENT "], from khatmd only");
        return 64;
    }
    const struct serve_settings settings = {.program = argv[1], .ring = argv[2], .resident = resident};
    enum result result = settle(argv[2], &problem);
    if (result == RESULT_OK)
        result = gpg_start(&problem);
    if (result == RESULT_OK)
        result = serve(HELPER_CONTROL_FD, &settings, &problem);
    if (result != RESULT_OK)
        log_error("%s", problem.text);
    return result == RESULT_OK ? 0 : 1;
}
