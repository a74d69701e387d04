/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TICKET_TICKET_H
#define KHATM_TICKET_TICKET_H

/* The ticket: what the submission role hands to the egress role in a header field, so that what was approved
 * for these recipients leaves and nothing else does. HMAC-SHA-256 (RFC 2104) over all of it with a key that
 * the nodes of one ministry share. It is bound to the body and to the fields that say how to read it, to each
 * recipient that was decided (as keyed digests: whoever sees the field learns no blind copy, nor how many
 * there are), and to a time. It says nothing of MAIL FROM, which maps may rewrite. Any number of uses: an MTA
 * tries again, and splits by domain. Pure but for the body that is read; thread-safe.
 *
 * It does not defend against who holds the key, nor against the approved mail going to the approved
 * recipients once more. docs/ticket.md has the form. */

#include "base/arena.h"
#include "base/digest.h"
#include "config/config.h"
#include "policy/facts.h"

#define TICKET_FIELD "X-Khatm-Ticket"

enum { TICKET_RCPT_BYTES = 8 };

struct ticket {
    const char *reference; /* of the decision, in the journal of the node that took it */
    enum policy_role role; /* that decided: submission or local */
    enum sender_class sender;
    const char *login;            /* NULL: none */
    int64_t expires;              /* seconds since 1970 */
    uint8_t body[DIGEST_BYTES];   /* ticket_body */
    const struct ticket_key *key; /* read: the key that made it; borrowed from the configuration */
    const char *digests;          /* read: of the recipients, TICKET_RCPT_BYTES each in hexadecimal */
};

/* What the ticket is for: the body by DKIM's "simple" form (RFC 6376 3.4.3), under the values of the fields
 * that say how it is read, in their order. */
struct ticket_reading {
    int fd; /* read by position only */
    uint64_t offset, size;
    const char *const
        *fields; /* "name:value" of Content-Type and Content-Transfer-Encoding; NULL-terminated */
};
enum result ticket_body(const struct ticket_reading *reading, uint8_t digest_out[DIGEST_BYTES]) MUST_USE;

/* The field's value, folded, in the arena. rcpts: as ticket_is_for compares them. RESULT_TRY_LATER: no
 * memory. */
enum result ticket_write(const struct ticket *ticket, const struct ticket_key *key, const char *const *rcpts,
                         size_t n_rcpts, struct arena *arena, const char **value_out) MUST_USE;
/* RESULT_BAD_INPUT: not one of ours, altered, or expired at `now`; *why_out, a static phrase, says which.
 * RESULT_TRY_LATER: no memory. */
enum result ticket_read(const char *value, const struct ticket_key *keys, size_t n_keys, int64_t now,
                        struct arena *arena, struct ticket *ticket_out, const char **why_out) MUST_USE;
/* Was this recipient decided? rcpt: one spelling of the address, the same at both ends. */
enum fact ticket_is_for(const struct ticket *ticket, const char *rcpt);

#endif
