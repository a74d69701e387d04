/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_IDENTITY_H
#define KHATM_SENDER_IDENTITY_H

/* Who is speaking: login, connection, envelope and From together give one class of policy/facts.h. Pure:
 * looks only at what it is given. No check of SPF or DKIM is made here, so a domain of the registry without a
 * login is `claimed`, never `government`. Thread-safe. */

#include "base/arena.h"
#include "config/config.h"
#include "policy/facts.h"

struct identity_input {
    const struct config *config;
    const struct attach_settings *attach;
    const char *login, *tls_version, *client_address; /* NULL: none */
    const char *envelope_from;                        /* "" for the null sender */
    const char *const *from;                          /* every From mailbox, as written */
    size_t n_from;
    bool from_odd; /* two readers could read From in two ways */
    int64_t now;   /* seconds since 1970 */
};

/* All but `why`, which is in the arena, is borrowed from the input. RESULT_TRY_LATER: no memory. */
enum result identity_of(const struct identity_input *input, struct arena *arena,
                        struct sender_facts *facts_out) MUST_USE;

#endif
