/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_HOP_H
#define KHATM_SENDER_HOP_H

/* Which client brought a message into our network: the one that speaks to us, or, when that is a relay of
 * ours
 * (`relays` of its attach section), the one that spoke to the relay, and so on. SPF is asked of this client
 * and no other. A relay is believed for one Received field, the topmost that is left, since each relay puts
 * its own on top; whatever stands below it may be forged. A milter of Postfix or Sendmail does not see the
 * field of its own MTA, so that the first one it sees is the relay's. A relay that writes no Received field
 * must not be listed.
 *
 *     struct hop_input input = {message->client_address, message->helo, attach->relays, attach->n_relays,
 *                               values, n};     values of all Received fields, from the top
 *     hop_find(&input, arena, &hop)
 *     → authenticator_message.client_address = hop.address, .helo = hop.helo
 *
 * Never a guess: a field that is not understood, or none where one should be, makes the client unknown, and
 * SPF is then none; so it is for a client on this machine or in a private network (SPF knows no such
 * senders). Pure, thread-safe. */

#include "base/arena.h"
#include "base/ip.h"

struct hop_input {
    const char *client_address; /* of the connection; NULL: not by network */
    const char *helo;           /* NULL: none */
    const struct ip_network *relays;
    size_t n_relays;
    const char *const *received; /* values, from the top of the header section down */
    size_t n_received;
};

struct hop {
    const char *address; /* NULL: unknown, or no stranger */
    const char *helo;    /* NULL: none, or unknown */
    const char *why;     /* one phrase; never NULL */
    unsigned relays;     /* of ours that told their client */
};

/* Texts are in the arena. RESULT_TRY_LATER: no memory. */
enum result hop_find(const struct hop_input *input, struct arena *arena, struct hop *hop_out) MUST_USE;

#endif
