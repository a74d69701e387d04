/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_GATHER_TICKET_H
#define KHATM_GATHER_TICKET_H

/* Tickets of a message: the one it brought along, and the one it gets. What the message is and how an
 * address is spelt has to be the same at both ends, hence one place. Results are in the message's arena. */

#include "message.h"
#include "ticket/ticket.h"

/* Role egress: the first ticket that is good for this very message. *ticket_out NULL: none. RESULT_TRY_LATER:
 * no memory, or the spool cannot be read. */
enum result gather_ticket(const struct message *message, int64_t now,
                          const struct ticket **ticket_out) MUST_USE;
/* Did the ticket decide this recipient? ticket: NULL, none. */
enum fact gather_ticket_for(const struct message *message, const struct ticket *ticket, const char *rcpt);

/* The value of a ticket for these recipients; the rest of *ticket is filled in. */
enum result gather_new_ticket(const struct message *message, struct ticket *ticket, const char *const *rcpts,
                              size_t n_rcpts, const char **value_out) MUST_USE;

#endif
