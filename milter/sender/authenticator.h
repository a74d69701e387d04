/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_AUTHENTICATOR_H
#define KHATM_SENDER_AUTHENTICATOR_H

/* The daemon's side of khatm-authenticator: a pool of sandboxed processes, each of which checks SPF and DKIM
 * of one message at a time. One that dies, hangs or answers nonsense is killed and replaced, and its message
 * is try-later: never a pass. Waiting messages are served in the order they came. Thread-safe. */

#include "base/arena.h"
#include "config/config.h"
#include "sender/proofs.h"

#include <stdbool.h>

struct authenticator;

struct authenticator_message {
    int fd; /* header section, empty line, body; read at offsets of the helper's own */
    uint64_t size, body_offset;
    /* Of the hop that brought it into our network: behind a relay of ours, the one that spoke to the relay.
     * NULL: it did not come from a network of strangers (own network, local, logged in), so that SPF is none.
     */
    const char *client_address;
    const char *helo;      /* NULL: none */
    const char *mail_from; /* without angle brackets, its domain as A-labels; NULL or "": null */
    /* Whom it claims to be: the canonical domain of a registry's entry. Signatures of others are not waited
     * for long, and messages about one domain never take more than half of the processes. NULL: nobody. */
    const char *domain;
    /* Nothing waits for the answer: it is only looked for when a process is free at once, by half of them at
     * most, and not for long. */
    bool spare;
};

/* Starts one process, so that what is wrong with the settings is known now. They are copied. */
enum result authenticator_new(const struct authenticator_settings *settings,
                              const struct dns_settings *resolver, struct authenticator **authenticator_out,
                              struct problem *problem) MUST_USE;
/* When no thread is in authenticator_run. */
void authenticator_free(struct authenticator *authenticator);

/* Ends processes that have had nothing to do for idle_ms, all but the one used last, which knows most answers
 * of DNS. A message that comes meanwhile takes that one, or starts another as it would have in a pool that
 * had not grown. */
void authenticator_retire(struct authenticator *authenticator, int64_t idle_ms);

/* RESULT_OK: *proofs_out, in the arena, is what SPF and DKIM say, DNS trouble included. RESULT_TRY_LATER with
 * *problem: nothing was learnt. */
enum result authenticator_run(struct authenticator *authenticator,
                              const struct authenticator_message *message, struct arena *arena,
                              const struct proofs **proofs_out, struct problem *problem) MUST_USE;

#endif
