/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_STATUS_H
#define KHATM_POLICY_STATUS_H

/* How functions of the engine fail. The engine stands alone (it knows nothing of the milter's results), does
 * no I/O and has no clock, so there are only two ways: no memory, or data that cannot be accepted. */

#define POLICY_MUST_USE __attribute__((warn_unused_result))

enum policy_status {
    POLICY_OK = 0,
    POLICY_NO_MEMORY = -1,
    POLICY_REFUSED = -2, /* the refusal says why and what to do */
};

/* "what is wrong: what to do", for one line; the caller puts file and line before it. */
struct refusal {
    unsigned line; /* of the text that was parsed, from 1; 0 where there is no text */
    char text[320];
};

/* Fills *refusal (may be NULL) and returns POLICY_REFUSED, so that a refusing path is one line. */
enum policy_status policy_refuse(struct refusal *refusal, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
