/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_SERVE_H
#define KHATM_SEALER_SERVE_H

/* The daemon's requests, one after the other. A frame that makes no sense ends the process: the peer is our
 * own daemon, so something is badly wrong, and a fresh process is cheap. */

#include "sealer/gpg.h"

struct serve_settings {
    const char *program, *ring;
    bool resident; /* messages that nobody signs go to a gpg that stays (sealer/resident.h) */
};

/* Returns RESULT_OK when the daemon closed the socket. */
enum result serve(int control, const struct serve_settings *settings, struct problem *problem) MUST_USE;

#endif
