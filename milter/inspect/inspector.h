/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECT_INSPECTOR_H
#define KHATM_INSPECT_INSPECTOR_H

/* The daemon's side of khatm-inspector: keeps a warmed-up template alive, has it fork a sandboxed child for
 * each message, collects the findings. Thread-safe; at most `workers` messages at once, others wait for their
 * turn until the deadline. */

#include "config/config.h"
#include "inspect/findings.h"

struct inspector;

/* Starts the template and waits until it answers. settings are borrowed for the inspector's life. */
enum result inspector_new(const struct inspector_settings *settings, struct inspector **inspector_out,
                          struct problem *problem) MUST_USE;
void inspector_free(struct inspector *inspector);

/* message_fd holds header section, empty line and body, message_size bytes; only read, at offsets of the
 * child's own. RESULT_OK whatever the message did to the child: findings say so (`complete`).
 * RESULT_TRY_LATER: no turn, no process, no memory: nothing was learnt about the message. */
enum result inspector_run(struct inspector *inspector, int message_fd, uint64_t message_size,
                          struct arena *arena, struct findings **findings_out,
                          struct problem *problem) MUST_USE;

#endif
