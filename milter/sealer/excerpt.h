/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_EXCERPT_H
#define KHATM_SEALER_EXCERPT_H

/* gpg reads a ring from its start until it has found a key, for each key: with thousands of them that is a
 * third of what a small message costs, and with fifty recipients most of it. So a large ring gets an excerpt:
 * a second keybox that gpg looks into first and that holds the very keys of the message, copied out of the
 * ring whole. Each process that seals has its own, found by way of $HOME, since one gpg.conf serves them all.
 * Where it lacks a key gpg finds it in the ring, so that an excerpt changes nothing but the time. */

#include "sealer/job.h"

/* In a ring that is complete but for its gpg.conf: makes it ready for excerpts when it is large. */
enum result excerpt_prepare(const char *ring, struct problem *problem) MUST_USE;
/* Options to append to the ring's gpg.conf; "" for a ring without excerpts. */
const char *excerpt_options(const char *ring);

struct excerpt;

/* For a process that seals; sets $HOME. NULL: a ring without, or one that cannot have it. */
struct excerpt *excerpt_new(const char *ring);
void excerpt_free(struct excerpt *excerpt);
/* The keys of one message. Does what it can. */
void excerpt_take(struct excerpt *excerpt, const struct job_request *request);

#endif
