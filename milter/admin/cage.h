/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_CAGE_H
#define KHATM_ADMIN_CAGE_H

/* Work on strangers' bytes for a command that an administrator runs, perhaps as root: a forked child behind
 * the sandbox with network (helper/sandbox.h), which writes a text and ends with a code. It inherits memory,
 * so that the command must hold no secret then, but of the terminal nothing. What it wrote is shown with
 * anything but printable ASCII, line ends and colours taken out: a child that was taken over can write
 * nonsense, and no more. From a command of one thread only. */

#include "base/buffer.h"
#include "base/result.h"

#include <stdint.h>
#include <stdio.h>

enum { CAGE_SAYS_MAX = 4 * 1024 * 1024 };

struct cage_work {
    int (*run)(void *context, FILE *out); /* in the child; the result, 0 to 125, is its exit code */
    void *context;
    int64_t wall_ms;
    bool colours; /* may write those of admin/printer.h */
};

/* said: initialised by the caller. RESULT_TRY_LATER: no child, or it died or was too late; nothing it wrote
 * counts. */
enum result cage_run(const struct cage_work *work, struct buffer *said, int *code_out,
                     struct problem *problem) MUST_USE;

#endif
