/* SPDX-License-Identifier: Apache-2.0 */
#include "gather/ticket.h"

#include "base/clock.h"
#include "base/text.h"
#include "policy/domain.h"

#include <string.h>

/* Forged ones beside the good one harm nobody; but nobody makes us compute for long. */
enum { TICKETS_MAX = 8 };

static enum result read_body(const struct message *message, uint8_t digest[DIGEST_BYTES])
{
    static const char *const names[] = {"Content-Type", "Content-Transfer-Encoding"};
    const char **fields = arena_alloc(message->arena, message->n_headers + 1, sizeof *fields);
    size_t n = 0;
    for (size_t i = 0; fields && i < message->n_headers; i++) {
        const struct header_field *field = &message->headers[i];
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            if (!text_equal_nocase(field->name, names[k]))
                continue;
            fields[n] = arena_printf(message->arena, "%s:%s", names[k], field->value);
            if (!fields[n++])
                return RESULT_TRY_LATER;
        }
    }
    const struct ticket_reading reading = {.fd = message->spool.fd,
                                           .offset = message->spool.body_offset,
                                           .size = message->spool.size - message->spool.body_offset,
                                           .fields = fields};
    return fields ? ticket_body(&reading, digest) : RESULT_TRY_LATER;
}

/* Local parts without case and needless quotation marks, domains in their one form: what an MTA changes on
 * the way from one hop to the next. NULL: no memory. */
static const char *spelling(struct arena *arena, const char *rcpt)
{
    char domain[DOMAIN_ROOM];
    const char *at = strrchr(rcpt, '@');
    size_t length = at ? (size_t)(at - rcpt) : strlen(rcpt);
    bool quoted = length >= 2 && rcpt[0] == '"' && rcpt[length - 1] == '"' &&
                  !memchr(rcpt + 1, '"', length - 2) && !memchr(rcpt, '\\', length);
    if (!at || !domain_canonical(at + 1, domain))
        return arena_strdup(arena, rcpt);
    char *text = quoted ? arena_printf(arena, "%.*s@%s", (int)length - 2, rcpt + 1, domain)
                        : arena_printf(arena, "%.*s@%s", (int)length, rcpt, domain);
    if (text)
        text_lower_in_place(text);
    return text;
}

enum result gather_ticket(const struct message *message, int64_t now, const struct ticket **ticket_out)
{
    const struct config *config = message->config;
    const struct header_field *field;
    uint8_t body[DIGEST_BYTES];
    bool have_body = false;
    *ticket_out = NULL;
    if (message->attach->role != ROLE_EGRESS)
        return RESULT_OK;
    for (size_t n = 0; n < TICKETS_MAX && (field = message_header(message, TICKET_FIELD, n)); n++) {
        const char *why;
        struct ticket *ticket = arena_alloc(message->arena, 1, sizeof *ticket);
        enum result result = ticket ? ticket_read(field->value, config->tickets.keys, config->tickets.n_keys,
                                                  now, message->arena, ticket, &why)
                                    : RESULT_TRY_LATER;
        if (result == RESULT_OK && !have_body)
            result = read_body(message, body);
        if (result == RESULT_TRY_LATER)
            return result;
        if (result != RESULT_OK)
            continue;
        have_body = true;
        if (memcmp(body, ticket->body, sizeof body) != 0)
            continue;
        *ticket_out = ticket;
        return RESULT_OK;
    }
    return RESULT_OK;
}

enum fact gather_ticket_for(const struct message *message, const struct ticket *ticket, const char *rcpt)
{
    if (message->attach->role == ROLE_EGRESS && message->config->tickets.closed)
        return FACT_UNKNOWN;
    if (!ticket)
        return FACT_NO;
    const char *spelt = spelling(message->arena, rcpt);
    return spelt ? ticket_is_for(ticket, spelt) : FACT_UNKNOWN;
}

enum result gather_new_ticket(const struct message *message, struct ticket *ticket, const char *const *rcpts,
                              size_t n_rcpts, const char **value_out)
{
    const struct config *config = message->config;
    const char **spelt = arena_alloc(message->arena, n_rcpts + 1, sizeof *spelt);
    if (!spelt || !config->tickets.n_keys)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < n_rcpts; i++)
        if (!(spelt[i] = spelling(message->arena, rcpts[i])))
            return RESULT_TRY_LATER;
    ticket->reference = message->reference;
    ticket->role = message->attach->role;
    ticket->expires = clock_wall_ms() / 1000 + config->tickets.lifetime_s;
    enum result result = read_body(message, ticket->body);
    return result == RESULT_OK
               ? ticket_write(ticket, &config->tickets.keys[0], spelt, n_rcpts, message->arena, value_out)
               : result;
}
