/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_IDENTITY_H
#define KHATM_SENDER_IDENTITY_H

/* Who is speaking: login, connection, envelope, From and proofs together give one class of policy/facts.h.
 * Pure: looks only at what it is given. Thread-safe. */

#include "base/arena.h"
#include "config/config.h"
#include "policy/domain.h"
#include "policy/facts.h"
#include "sender/proofs.h"

struct identity_input {
    const struct config *config;
    const struct attach_settings *attach;
    const char *login, *tls_version, *client_address; /* NULL: none */
    const char *envelope_from;                        /* "" for the null sender */
    const char *const *from;                          /* every From mailbox, as written */
    size_t n_from;
    bool from_odd;               /* two readers could read From in two ways */
    bool from_unread;            /* there is more in From than was told */
    bool from_later;             /* with from_unread: it may be readable another time */
    int64_t now;                 /* seconds since 1970 */
    const struct proofs *proofs; /* role inbound; NULL: not asked, or not answered: proofs_why says so */
    const char *proofs_why;
    const char *ticket; /* role egress: the decision whose ticket is good for this message; NULL: none */
    enum sender_class ticket_sender;
    const char *ticket_login; /* NULL: none */
};

/* The domain of the registry's entry of which SPF and DKIM could tell something: role inbound, and one plain
 * From, with an envelope of the same entry (or else the envelope alone). NULL: none; what others send is
 * never made to wait for DNS, but for address_to_prove. */
const char *identity_to_prove(const struct identity_input *input);

/* The domain of From, canonical, in `domain`, when it is an outsider's one plain mailbox whose address SPF or
 * DKIM could show; false: none. */
bool address_to_prove(const struct identity_input *input, const struct sender_facts *facts,
                      char domain[DOMAIN_ROOM]) MUST_USE;
/* Do input->proofs show that From's domain sent it for this From: signed by that very domain, or an envelope
 * of that very address from one of its clients? RESULT_TRY_LATER: no memory. */
enum result address_is_proven(const struct identity_input *input, const char *domain, struct arena *arena,
                              enum fact *proven_out) MUST_USE;

/* Is it an address of the login, as the file `logins` says, or without one the login itself? */
bool identity_may_write_as(const struct config *config, const char *login, const char *address);
/* Is it what one of the sections `machine` writes as? */
bool identity_is_service(const struct config *config, const char *address);

/* All but `why`, which is in the arena, is borrowed from the input. RESULT_TRY_LATER: no memory. */
enum result identity_of(const struct identity_input *input, struct arena *arena,
                        struct sender_facts *facts_out) MUST_USE;

#endif
