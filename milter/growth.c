/* SPDX-License-Identifier: Apache-2.0 */
#include "growth.h"

enum {
    ADDED_FIELDS = 2048, /* ours, inside and outside */
    FRAME = 1024,        /* what stands around the armour (RFC 3156, 4) */
    SESSION_KEY = 560,   /* to an RSA key of 4096 bits, the largest that is common */
    SIGNATURE = 720,     /* by such a key, with its one-pass packet */
    PART = 4096, /* gpg writes data in parts (RFC 4880, 4.2.2.4) of this or more, an octet before each */
    LINE = 57,
    ARMOURED = 78, /* octets, and characters of the line they become, with its CRLF */
};

/* Only whom a ticket speaks for is sealed further on. */
static bool is_sealed_later(const struct policy_facts *facts)
{
    return facts->seals_here == FACT_NO && (facts->role == ROLE_SUBMISSION || facts->role == ROLE_LOCAL) &&
           (facts->sender.class == SENDER_STAFF || facts->sender.class == SENDER_SERVICE);
}

static uint64_t count_seals(const struct decision *decision)
{
    uint64_t n = 0;
    for (size_t i = 0; i < decision->n_rcpts; i++)
        n += decision->rcpts[i].verdict == VERDICT_SEAL;
    return n;
}

/* For how many it will be sealed where it leaves, by the rules themselves: a rule that only watches seals
 * nothing. 0 as well when there is no memory to ask them: nobody is refused for that. */
static uint64_t count_later_seals(const struct message *message, const struct policy_facts *facts)
{
    struct policy_facts there = *facts;
    struct decision *decision = NULL;
    struct rcpt_facts *rcpts = arena_copy(message->arena, facts->rcpts, facts->n_rcpts * sizeof *rcpts);
    if (!rcpts)
        return 0;
    for (size_t i = 0; i < facts->n_rcpts; i++)
        rcpts[i].ticket = FACT_YES;
    there.role = ROLE_EGRESS;
    there.seals_here = FACT_YES;
    there.rcpts = rcpts;
    if (policy_decide(message->config->rules, &there, &decision) != POLICY_OK)
        return 0;
    uint64_t n = count_seals(decision);
    decision_free(decision);
    return n;
}

/* 0: it is not sealed. */
static uint64_t sealed_size(const struct message *message, const struct policy_facts *facts,
                            const struct decision *decision)
{
    if (!verdict_is_permission(decision->verdict))
        return 0;
    uint64_t n_keys = is_sealed_later(facts) ? count_later_seals(message, facts) : count_seals(decision);
    if (!n_keys)
        return 0;
    /* The fields are inside, and those that mail needs to travel outside, too. */
    uint64_t plain = message->spool.size + message->header_bytes + ADDED_FIELDS;
    uint64_t cipher = plain + plain / PART + n_keys * SESSION_KEY + SIGNATURE;
    return (cipher / LINE + 1) * ARMOURED + FRAME + message->header_bytes + ADDED_FIELDS;
}

uint64_t growth_over_limit(const struct message *message, const struct policy_facts *facts,
                           const struct decision *decision)
{
    uint64_t limit = message->config->sealing.size_limit;
    uint64_t size = limit ? sealed_size(message, facts, decision) : 0;
    return size > limit ? size : 0;
}
