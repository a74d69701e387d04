/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_STATUS_H
#define KHATM_CONFIG_STATUS_H

/* What a running khatmd says of the configuration in force: khatmd.status in the folder `state`, replaced as
 * a whole after each attempt to read the files, gone when khatmd ended in order. By it `khatm reload` finds
 * the process and learns what came of a signal. Text: "khatm-status 1", then a line for each member. One
 * thread. */

#include "base/digest.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum status_outcome {
    STATUS_IN_FORCE, /* what the files said then is in force */
    STATUS_REFUSED,  /* they are wrong, and what was in force before stays */
    STATUS_LATER,    /* something failed that may work another time; likewise */
};

struct status {
    pid_t pid;
    uint64_t started; /* of the process, in the kernel's ticks: a number that comes back is not the process */
    uint64_t attempts; /* so many since the start, which is not one */
    enum status_outcome outcome;
    char digest[DIGEST_HEX]; /* of the configuration in force */
    int64_t time;            /* of the last attempt, seconds since 1970 */
    char why[512];           /* one line; "" when in force */
};

/* pid and started of the process that calls. RESULT_TRY_LATER: there is no /proc. */
enum result status_self(struct status *status) MUST_USE;
enum result status_write(const char *directory, const struct status *status,
                         struct problem *problem) MUST_USE;
void status_remove(const char *directory);

/* RESULT_NOT_FOUND: there is none. RESULT_UNCERTAIN: it may not be read. RESULT_BAD_INPUT: it is damaged.
 * *owner_out: who wrote it. */
enum result status_read(const char *directory, struct status *status_out, uid_t *owner_out,
                        struct problem *problem) MUST_USE;
/* The process itself as a pidfd, of which owner is the user: who could write the file can have nobody else's
 * process signalled. RESULT_NOT_FOUND: it runs no more. */
enum result status_open_process(const struct status *status, uid_t owner, int *pidfd_out) MUST_USE;

#endif
