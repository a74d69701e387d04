/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_LINES_H
#define KHATM_POLICY_LINES_H

/* Text files of ours, line by line: lists and texts of replies. Lines are copied before they are looked at,
 * so the text need not be writable nor end in a newline. Thread-safe. */

#include "policy/status.h"

#include <stddef.h>

enum { LINE_ROOM = 1024 };

/* One line without its newline; may be changed. The first answer other than POLICY_OK ends the reading. */
typedef enum policy_status line_taker(char *line, void *context, struct refusal *refusal);

/* Refuses lines over LINE_ROOM - 1 bytes and NUL bytes. refusal->line is the line it ended at. */
enum policy_status lines_each(const char *text, size_t size, line_taker *take, void *context,
                              struct refusal *refusal) POLICY_MUST_USE;

#endif
