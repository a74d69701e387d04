/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_HELPER_SERVICE_H
#define KHATM_HELPER_SERVICE_H

/* How a helper serves that takes one job after the other from its control socket: it says that it is ready,
 * then answers frame by frame until the socket closes, however long that takes. After a minute without a job
 * it hands back what memory it can (helper/pages.h). One thread. */

#include "helper/wire.h"

enum { SERVICE_SEND_MS = 5000, SERVICE_GRACE_MS = 3000 };

struct service {
    const char *program, *client; /* who serves whom, for problems */
    int control;
    struct wire_frame *frame; /* borrowed; each job is received into it */
    /* What it does not answer with RESULT_OK ends the service. */
    enum result (*answer)(void *context, struct problem *problem);
    void *context;
};

/* Sends the frame, in which the word that it is ready has been laid out, and serves. RESULT_OK: the control
 * socket closed. */
enum result service_run(const struct service *service, struct problem *problem) MUST_USE;
/* For answer: the frame as the last of what is said; the job in it makes no sense. */
enum result service_reply(const struct service *service, struct problem *problem) MUST_USE;
enum result service_refuse(const struct service *service, struct problem *problem) MUST_USE;
/* Ends the process after that long; 0 stops it. Of a job: its budget and SERVICE_GRACE_MS. */
void service_timer(uint64_t ms);

#endif
