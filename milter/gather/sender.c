/* SPDX-License-Identifier: Apache-2.0 */
#include "gather/sender.h"

#include "base/text.h"
#include "policy/domain.h"
#include "sender/hop.h"
#include "sender/identity.h"

#include <string.h>

static enum result prepare(struct message *message, const struct findings *findings,
                           const struct ticket *ticket, int64_t now, struct identity_input *input)
{
    size_t n_from = 0;
    size_t n_addresses = findings ? findings->n_addresses : 0;
    const char **from = arena_alloc(message->arena, n_addresses + 1, sizeof *from);
    if (!from)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < n_addresses; i++)
        if (findings->addresses[i].field == ADDRESS_FROM)
            from[n_from++] = findings->addresses[i].address;
    *input = (struct identity_input){
        .config = message->config,
        .attach = message->attach,
        .login = message->login,
        .tls_version = message->tls_version,
        .client_address = message->client_address,
        .envelope_from = message->envelope_from,
        .from = from,
        .n_from = n_from,
        /* The inspector counts mailboxes by its own reading; where the counts differ, From is odd. */
        .from_odd = findings && (findings->from_odd || findings->n_from != n_from),
        /* Nobody is an outsider for a From that nobody has read. */
        .from_unread = findings && (findings->n_from > n_from || (!findings->complete && !n_from)),
        .from_later = findings && findings->n_from <= n_from &&
                      !(findings->limits & ~(unsigned)(LIMIT_TIME | LIMIT_MEMORY)),
        .now = now,
        .ticket = ticket ? ticket->reference : NULL,
        .ticket_sender = ticket ? ticket->sender : SENDER_NULL,
        .ticket_login = ticket ? ticket->login : NULL,
    };
    return RESULT_OK;
}

enum result gather_sender(struct message *message, const struct findings *findings, int64_t now,
                          struct gathered *gathered)
{
    struct identity_input input;
    enum result result = prepare(message, findings, gathered->ticket, now, &input);
    return result == RESULT_OK ? identity_of(&input, message->arena, &gathered->facts.sender) : result;
}

/* SPF compares domains as DNS knows them. */
static const char *with_a_labels(struct message *message)
{
    char domain[DOMAIN_ROOM];
    const char *address = message->envelope_from, *at = strrchr(address, '@');
    if (!at || !domain_canonical(at + 1, domain))
        return address;
    return arena_printf(message->arena, "%.*s@%s", (int)(at - address), address, domain);
}

/* The client that SPF is asked of: behind a relay of ours, the relay's. Whoever logged in is none. */
static enum result find_client(struct message *message, struct hop *hop)
{
    size_t n = 0;
    const char **received = arena_alloc(message->arena, message->n_headers + 1, sizeof *received);
    if (!received)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < message->n_headers; i++)
        if (text_equal_nocase(message->headers[i].name, "Received"))
            received[n++] = message->headers[i].value;
    const struct hop_input input = {
        .client_address = message->login ? NULL : message->client_address,
        .helo = message->helo,
        .relays = message->attach->relays,
        .n_relays = message->attach->n_relays,
        .received = received,
        .n_received = n,
    };
    return hop_find(&input, message->arena, hop);
}

/* RESULT_TRY_LATER: nothing was learnt, *problem says why. */
static enum result ask(struct message *message, struct authenticator *authenticator, const char *domain,
                       bool spare, const struct proofs **proofs_out, struct problem *problem)
{
    struct hop hop;
    enum result result = find_client(message, &hop);
    const struct authenticator_message question = {
        .fd = message->spool.fd,
        .size = message->spool.size,
        .body_offset = message->spool.body_offset,
        .client_address = hop.address,
        .helo = hop.helo,
        .mail_from = with_a_labels(message),
        .domain = domain,
        .spare = spare,
    };
    if (result != RESULT_OK || !question.mail_from)
        return problem_set(problem, RESULT_TRY_LATER, "no memory to ask for SPF and DKIM");
    result = authenticator_run(authenticator, &question, message->arena, proofs_out, problem);
    if (result != RESULT_OK || hop.address)
        return result;
    /* Why there was no client to ask about, khatm-authenticator does not know. */
    struct proofs *proofs = arena_copy(message->arena, *proofs_out, sizeof *proofs);
    *proofs_out = proofs;
    if (!proofs)
        return problem_set(problem, RESULT_TRY_LATER, "no memory for what SPF says");
    proofs->spf.why = hop.why;
    return RESULT_OK;
}

enum result gather_proven_sender(struct message *message, const struct findings *findings,
                                 struct authenticator *authenticator, int64_t now, struct gathered *gathered)
{
    struct identity_input input;
    struct problem problem = {""};
    enum result result = prepare(message, findings, gathered->ticket, now, &input);
    if (result != RESULT_OK)
        return result;
    const char *domain = identity_to_prove(&input);
    if (authenticator && domain &&
        ask(message, authenticator, domain, false, &gathered->proofs, &problem) != RESULT_OK)
        input.proofs_why = arena_strdup(message->arena, problem.text);
    input.proofs = gathered->proofs;
    return identity_of(&input, message->arena, &gathered->facts.sender);
}

enum result gather_proven_address(struct message *message, const struct findings *findings,
                                  struct authenticator *authenticator, int64_t now, struct gathered *gathered)
{
    struct identity_input input;
    struct problem problem = {""};
    char domain[DOMAIN_ROOM];
    struct sender_facts *sender = &gathered->facts.sender;
    enum result result = prepare(message, findings, gathered->ticket, now, &input);
    if (result != RESULT_OK)
        return result;
    if (sender->class == SENDER_GOVERNMENT)
        sender->proven = FACT_YES;
    if (!authenticator || !(gathered->facts.content & CONTENT_DOCUMENT) ||
        !address_to_prove(&input, sender, domain))
        return RESULT_OK;
    sender->proven = FACT_UNKNOWN;
    if (ask(message, authenticator, domain, true, &input.proofs, &problem) != RESULT_OK)
        return RESULT_OK;
    return address_is_proven(&input, domain, message->arena, &sender->proven);
}
