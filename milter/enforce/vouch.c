/* SPDX-License-Identifier: Apache-2.0 */
#include "enforce/vouch.h"

#include "base/fd.h"
#include "enforce/outgoing.h"
#include "policy/domain.h"
#include "sender/identity.h"

#include <string.h>

/* The domain of From, if it has a key; NULL: none. */
static const char *signing_domain(const struct config *config, const char *from)
{
    char domain[DOMAIN_ROOM];
    const char *at = from ? strrchr(from, '@') : NULL;
    if (!at || !domain_canonical(at + 1, domain))
        return NULL;
    for (size_t i = 0; i < config->dkim.n_keys; i++)
        if (strcmp(config->dkim.keys[i].domain, domain) == 0)
            return config->dkim.keys[i].domain;
    return NULL;
}

/* Where the class was learnt From was looked at, too; at egress it may have become another since. */
static bool is_under_own_name(const struct config *config, const struct policy_facts *facts)
{
    const struct sender_facts *sender = &facts->sender;
    switch (sender->class) {
    case SENDER_STAFF:
        return sender->login && sender->from && identity_may_write_as(config, sender->login, sender->from);
    case SENDER_SERVICE:
        return sender->from && identity_is_service(config, sender->from);
    case SENDER_NULL:
    case SENDER_OUTSIDER:
    case SENDER_CLAIMED:
    case SENDER_GOVERNMENT:
        break;
    }
    return false;
}

bool vouch_wants_ticket(const struct config *config, const struct policy_facts *facts)
{
    return config->dkim.unsealed && signing_domain(config, facts->sender.from) != NULL;
}

/* NULL: not ours to sign, or not to be signed. */
static const char *domain_to_sign(const struct message *message, const struct gathered *gathered,
                                  const struct judgement *judgement)
{
    const struct config *config = message->config;
    const struct policy_facts *facts = &gathered->facts;
    bool sealed = judgement->verdict == VERDICT_SEAL;
    bool leaves = sealed || (judgement->verdict == VERDICT_PASS && config->dkim.unsealed);
    bool decided = facts->role != ROLE_EGRESS || gathered->ticket;
    if (facts->role == ROLE_INBOUND || facts->seals_here != FACT_YES || !leaves || !decided ||
        !is_under_own_name(config, facts))
        return NULL;
    return signing_domain(config, facts->sender.from);
}

/* The body is read from a description of its own: processes share no position with us. */
static enum result sign(struct message *message, const struct reply *reply, struct dkimsign *dkimsign,
                        const char *domain, const char *const **values_out, struct problem *problem)
{
    bool replaced = reply->body_fd >= 0;
    struct dkimsign_message job = {
        .fields_fd = -1,
        .body_fd = replaced ? reply->body_fd : message->spool.fd,
        .body_offset = replaced ? reply->body_offset : message->spool.body_offset,
        .body_size = replaced ? reply->body_size : message->spool.size - message->spool.body_offset,
        .domain = domain,
    };
    struct buffer fields;
    buffer_init(&fields, MESSAGE_HEADER_BYTES_MAX * 2);
    enum result result = outgoing_fields(message, reply, message->config->dkim.names, &fields);
    if (result != RESULT_OK)
        (void)problem_set(problem, result, "DKIM: the header section cannot be laid out");
    else
        result = fd_open_unnamed(message->config->spool.directory, &job.fields_fd, problem);
    if (result == RESULT_OK && fd_write_all(job.fields_fd, fields.bytes, fields.size) != RESULT_OK)
        result = problem_set(problem, RESULT_TRY_LATER, "DKIM: no room in the spool");
    job.fields_size = fields.size;
    if (result == RESULT_OK)
        result = dkimsign_run(dkimsign, &job, message->arena, values_out, problem);
    fd_close(&job.fields_fd);
    buffer_free(&fields);
    return result;
}

static enum result add(struct message *message, const char *const *values, struct reply *reply,
                       struct problem *problem)
{
    size_t n_values = 0, n = reply->n_edits;
    while (values[n_values])
        n_values++;
    struct header_edit *edits = arena_alloc(message->arena, n + n_values + 1, sizeof *edits);
    if (!edits)
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory");
    if (n)
        memcpy(edits, reply->edits, n * sizeof *edits);
    for (size_t i = 0; i < n_values; i++)
        edits[n++] = (struct header_edit){HEADER_INSERT, "DKIM-Signature", 0, values[i]};
    reply->edits = edits;
    reply->n_edits = n;
    return RESULT_OK;
}

enum result vouch(struct message *message, const struct gathered *gathered, const struct judgement *judgement,
                  struct dkimsign *dkimsign, struct reply *reply, struct problem *problem)
{
    const char *domain = domain_to_sign(message, gathered, judgement);
    const char *const *values = NULL;
    if (!domain || message->config->mode == MODE_OBSERVE)
        return RESULT_OK;
    if (!dkimsign)
        return problem_set(problem, RESULT_BUG, "DKIM: nobody holds the keys");
    enum result result = sign(message, reply, dkimsign, domain, &values, problem);
    if (result == RESULT_OK)
        result = add(message, values, reply, problem);
    return result;
}
