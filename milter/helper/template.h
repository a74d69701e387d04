/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_HELPER_TEMPLATE_H
#define KHATM_HELPER_TEMPLATE_H

/* The warmed-up process of a helper that forks one child a job, so that no message meets another and nothing
 * is loaded twice. It reads job frames from its control socket, forks, reaps, bounds the number of children
 * and kills those that outlive their deadline. It looks at nothing in a job but its descriptors and its
 * deadline: a stranger's bytes are met by children only. Ends when the control socket closes, and takes its
 * children along. Single-threaded; a process has one. */

#include "helper/wire.h"

enum {
    TEMPLATE_CHILDREN_MAX = 1024,
    TEMPLATE_INPUT_FD = 3,  /* in the child: what to read */
    TEMPLATE_OUTPUT_FD = 4, /* in the child: socket for the answer; no other descriptor above 2 is open */
};

struct template_service {
    uint8_t ready_frame;  /* sent once, when jobs can be taken */
    uint8_t job_frame;    /* brings two descriptors: input, output */
    uint8_t deadline_tag; /* number field of the job: milliseconds it may take */
    unsigned children;    /* at once; 1 to TEMPLATE_CHILDREN_MAX */
    int64_t grace_ms;     /* past the deadline, before the template kills */
    /* Runs in the child and leaves by _exit. */
    void (*work)(void *context, const struct wire_frame *job, int64_t deadline_ms);
    void *context;
};

/* RESULT_OK: the control socket closed. Anything else: it cannot go on. */
enum result template_serve(int control, const struct template_service *service,
                           struct problem *problem) MUST_USE;

#endif
