/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POSTFIX_COMMAND_H
#define KHATM_POSTFIX_COMMAND_H

/* One of the MTA's own commands, run to its end: no shell, a plain environment, a deadline after which it is
 * killed. What it reads and writes goes through memory, so that neither side can block the other. */

#include "base/buffer.h"
#include "base/result.h"

/* input: its standard input; NULL: nothing. out: initialised by the caller; gets its standard output.
 * status_out: its exit status. RESULT_OK: it ended by itself within the time, whatever it said; *complaint
 * has the first line of its standard error, "" when there is none. RESULT_TRY_LATER: it could not be run, or
 * did not end, or wrote more than `out` holds; then *complaint says so. */
enum result command_output(const char *const argv[], const char *input, struct buffer *out, int *status_out,
                           struct problem *complaint) MUST_USE;

#endif
