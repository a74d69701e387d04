/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECT_KEEPER_H
#define KHATM_INSPECT_KEEPER_H

/* Keeps one warmed-up template (helper/template.h) alive: starts it, again when it is gone, but not for every
 * message when it cannot start, and hands it jobs. Thread-safe. */

#include "helper/wire.h"

struct keeper;

/* Starts the program and waits until it answers. Borrows the program's path. children: at once. */
enum result keeper_new(const char *program, unsigned children, struct keeper **keeper_out,
                       struct problem *problem) MUST_USE;
void keeper_free(struct keeper *keeper);

/* Sends a job, starting the template if need be. *generation_out says which one took it. */
enum result keeper_send(struct keeper *keeper, const struct wire_frame *job, int64_t deadline_ms,
                        unsigned *generation_out, struct problem *problem) MUST_USE;
/* The template that took the job is gone: what became of the job was not the message's doing. */
bool keeper_lost(struct keeper *keeper, unsigned generation);
/* It neither took the job nor ended its child: ends it, unless that was done. */
void keeper_retire(struct keeper *keeper, unsigned generation);

#endif
