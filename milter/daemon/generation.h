/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DAEMON_GENERATION_H
#define KHATM_DAEMON_GENERATION_H

/* One loaded configuration with the stages that run on it. Immutable but for its reference count; a reload
 * makes the next one, and messages under way finish on theirs. The journal is the daemon's, not a
 * generation's: records of all generations go into one. Thread-safe. */

#include "config/config.h"
#include "dkimsign/dkimsign.h"
#include "inspect/inspector.h"
#include "seal/seal.h"
#include "sender/authenticator.h"

struct generation {
    const struct config *config;
    struct inspector *inspector;
    struct sealer *sealer, *unsealer; /* unsealer: NULL where nothing is opened */
    struct authenticator *authenticator;
    struct dkimsign *dkimsign; /* NULL where no signature is made */
    _Atomic unsigned references;
};

/* Takes over the caller's reference on config, also when it fails. References: 1. */
enum result generation_new(const struct config *config, struct generation **generation_out,
                           struct problem *problem) MUST_USE;
/* Ends what processes of its pools have had nothing to do for idle_ms and are not wanted for the next
 * message. */
void generation_retire(struct generation *generation, int64_t idle_ms);
struct generation *generation_ref(struct generation *generation);
void generation_unref(struct generation *generation);

#endif
