/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_RESULT_H
#define KHATM_BASE_RESULT_H

/* How every function of the project that can fail says so. Mail must tell temporary from permanent,
 * hence TRY_LATER (the world's fault, may heal) apart from BAD_INPUT (never heals) and BUG (ours).
 * UNCERTAIN: an answer exists but must not be relied on; it never means "allow". */

#include <stdarg.h>

enum result {
    RESULT_OK = 0,
    RESULT_NOT_FOUND,
    RESULT_TRY_LATER,
    RESULT_BAD_INPUT,
    RESULT_UNCERTAIN,
    RESULT_BUG,
};

#define MUST_USE          __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

const char *result_name(enum result result);

/* One line for a person: where, what, and what to do about it. Filled by the function that failed,
 * printed by whoever talks to the person. Never holds control characters (problem_set replaces them). */
struct problem {
    char text[512];
};

/* Fills *problem (which may be NULL) and returns `result`, so that a failing path is one line. */
enum result problem_set(struct problem *problem, enum result result, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
