/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_AUTHENTICATOR_SERVE_H
#define KHATM_AUTHENTICATOR_SERVE_H

/* One message after the other, from the control socket, until it closes (sender/protocol.h). Each has a
 * budget of time and an arena of bounded size; past the budget and a grace a timer ends the process, in case
 * the daemon is not there to do it. What a job says is believed no more than what a message says. */

#include "authenticator/dkim.h"
#include "authenticator/spf.h"
#include "dns/resolver.h"

struct serve_tools {
    struct resolver *resolver;
    struct spf *spf;
    struct dkim_checker *dkim;
};

/* RESULT_OK: the socket closed. */
enum result serve(int control, const struct serve_tools *tools, struct problem *problem) MUST_USE;

#endif
