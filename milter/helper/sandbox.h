/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_HELPER_SANDBOX_H
#define KHATM_HELPER_SANDBOX_H

/* The cage of a process that parses a stranger's bytes: a seccomp allow-list (no open, no socket, no exec, no
 * fork, no executable memory, no mapping of files), resource limits and a timer that ends the process. A
 * second list adds Internet sockets, for the process that must ask DNS: seccomp cannot see whom it asks, so
 * that where packets may go is for the unit file or a firewall to narrow. A call outside the list kills the
 * whole process with SIGSYS. What the process needs from disk must be loaded, and its descriptors must be in
 * place, before it enters; there is no way back out. The filter is compiled once (sandbox_new, in the
 * template) and installed by one system call in each child. It does not hide what the process already holds:
 * memory inherited from the template and open descriptors, so the template must hold no secret. Sanitizer
 * builds get the calls that the sanitizer makes and no memory limit. */

#include "base/result.h"

#include <stdbool.h>
#include <stdint.h>

struct sandbox;

struct sandbox_limits {
    uint64_t memory_bytes; /* address space, all of it */
    int64_t wall_ms;       /* SIGALRM ends the process then */
    unsigned cpu_s;        /* processor time, SIGKILL ends it; 0: as wall_ms says */
    /* It serves one job after the other: no end of time for all of them together, so that wall_ms is not
     * looked at. Each job sets a timer of its own. */
    bool lasting;
    unsigned descriptors; /* that may be open; 0: no more than there are */
};

enum result sandbox_new(struct sandbox **sandbox_out, struct problem *problem) MUST_USE;
/* With what a process needs that takes jobs from its control socket: recvmsg, setitimer, write. */
enum result sandbox_new_serving(struct sandbox **sandbox_out, struct problem *problem) MUST_USE;
/* With UDP and TCP over IPv4 and IPv6, and timers. */
enum result sandbox_new_with_network(struct sandbox **sandbox_out, struct problem *problem) MUST_USE;
void sandbox_free(struct sandbox *sandbox);
/* How many system calls the filter lets through. */
unsigned sandbox_calls(const struct sandbox *sandbox);

/* In a template, last thing before it serves: what neither it nor a child does kills from now on. Children
 * inherit this, and have only the difference to forbid when they enter: measured, a quarter of the cost. Only
 * for a sandbox without network. After a failure the process must not serve. */
enum result sandbox_fence(struct sandbox *sandbox, struct problem *problem) MUST_USE;

/* A sanitizer's last words go to standard error; nobody else's do. */
bool sandbox_keeps_stderr(void);

/* RESULT_BUG: the process is only half caged and must leave by _exit at once. */
enum result sandbox_enter(const struct sandbox *sandbox, const struct sandbox_limits *limits) MUST_USE;

/* For a program that takes one job after the other: makes one by `maker`, enters it and frees it. */
enum result sandbox_shut_in(enum result (*maker)(struct sandbox **sandbox_out, struct problem *problem),
                            const struct sandbox_limits *limits, struct problem *problem) MUST_USE;

#endif
