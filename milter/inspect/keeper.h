/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECT_KEEPER_H
#define KHATM_INSPECT_KEEPER_H

/* Keeps one warmed-up template (helper/template.h) alive: starts it, again when it is gone, but not for every
 * message when it cannot start, and hands it jobs. Thread-safe. */

#include "helper/wire.h"

struct keeper;

/* What every template is started with; borrowed. */
struct keeper_settings {
    const char *program;      /* path */
    unsigned children;        /* at once */
    const char *arguments[2]; /* further ones; NULL: none */
    const void *pack;         /* policy/marking_pack.h; NULL: none */
    size_t pack_size;
};

/* Starts the program and waits until it answers. */
enum result keeper_new(const struct keeper_settings *settings, struct keeper **keeper_out,
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
