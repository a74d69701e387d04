/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_HELPER_PROCESS_H
#define KHATM_HELPER_PROCESS_H

/* A helper program as a child process: its own process group (so that it and whatever it started can be
 * killed together), one control socket as descriptor 3, stderr shared, stdin and stdout on /dev/null, an
 * environment of PATH, LANG, G_SLICE and nothing else. Thread-safe as far as different processes go.
 *
 * No PR_SET_PDEATHSIG: it fires when the *thread* that forked ends, and milter threads come and go. Instead
 * every helper ends when its control socket closes, and bounds each job by a timer of its own. */

#include "base/result.h"

#include <stdbool.h>
#include <sys/types.h>

enum { HELPER_CONTROL_FD = 3 };

struct helper_process {
    pid_t pid;   /* 0: none */
    int control; /* our end of the socket; -1: none */
};

/* argv[0] is the program's path; NULL-terminated. */
enum result helper_start(struct helper_process *process, const char *const argv[],
                         struct problem *problem) MUST_USE;
/* SIGKILL to the whole group, reaped before it returns. Safe on one that never started. */
void helper_kill(struct helper_process *process);
/* False once it has died; reaps it then. */
bool helper_alive(struct helper_process *process);
/* Out of its place, which is free for another one from now on: a pool does that under its lock, and ends the
 * process without it. */
struct helper_process helper_take(struct helper_process *process);

/* In the helper program: what every one of them does first. No core dumps, no ptrace, no new privileges. */
enum result helper_harden(struct problem *problem) MUST_USE;

#endif
