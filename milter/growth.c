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

/* Who signs a ticket for it decides that it leaves sealed, further on. */
static bool leaves_sealed(const struct policy_facts *facts, const struct rcpt_facts *rcpt,
                          enum verdict verdict)
{
    if (verdict == VERDICT_SEAL)
        return true;
    return verdict == VERDICT_PASS && facts->seals_here == FACT_NO &&
           (facts->role == ROLE_SUBMISSION || facts->role == ROLE_LOCAL) &&
           (facts->sender.class == SENDER_STAFF || facts->sender.class == SENDER_SERVICE) &&
           (facts->content & (CONTENT_DOCUMENT | CONTENT_AMBIGUOUS)) &&
           (rcpt->class == RCPT_GOVERNMENT || rcpt->class == RCPT_PARTNER) && rcpt->key == KEY_USABLE;
}

uint64_t growth_sealed_size(const struct message *message, const struct policy_facts *facts,
                            const struct decision *decision)
{
    uint64_t n_keys = 0;
    if (!verdict_is_permission(decision->verdict))
        return 0;
    for (size_t i = 0; i < facts->n_rcpts; i++)
        n_keys += leaves_sealed(facts, &facts->rcpts[i], decision->rcpts[i].verdict);
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
    uint64_t size = limit ? growth_sealed_size(message, facts, decision) : 0;
    return size > limit ? size : 0;
}
