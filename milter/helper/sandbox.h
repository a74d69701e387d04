/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_HELPER_SANDBOX_H
#define KHATM_HELPER_SANDBOX_H

/* The cage of a process that parses a stranger's bytes: a seccomp allow-list (no open, no socket, no exec, no
 * fork, no executable memory, no mapping of files), resource limits and a timer that ends the process. A call
 * outside the list kills the whole process with SIGSYS. What the process needs from disk must be loaded, and
 * its descriptors must be in place, before it enters; there is no way back out. The filter is compiled once
 * (sandbox_new, in the template) and installed by one system call in each child. It does not hide what the
 * process already holds: memory inherited from the template and open descriptors, so the template must hold
 * no secret. Sanitizer builds get the calls that the sanitizer makes and no memory limit. */

#include "base/result.h"

#include <stdint.h>

struct sandbox;

struct sandbox_limits {
    uint64_t memory_bytes; /* address space, all of it */
    int64_t wall_ms;       /* SIGALRM ends the process then */
};

enum result sandbox_new(struct sandbox **sandbox_out, struct problem *problem) MUST_USE;
void sandbox_free(struct sandbox *sandbox);
/* How many system calls the filter lets through. */
unsigned sandbox_calls(const struct sandbox *sandbox);

/* RESULT_BUG: the process is only half caged and must leave by _exit at once. */
enum result sandbox_enter(const struct sandbox *sandbox, const struct sandbox_limits *limits) MUST_USE;

#endif
