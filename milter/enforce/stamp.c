/* SPDX-License-Identifier: Apache-2.0 */
#include "enforce/stamp.h"

#include "enforce/vouch.h"
#include "gather/ticket.h"
#include "gather/unseal.h"
#include "policy/domain.h"
#include "policy/names.h"
#include "sender/auth_results.h"
#include "sender/forged.h"

/* What opening the seal has shown, for our own field; NULL: nothing was to be opened. */
static const char *seal_result(const struct gathered *gathered, enum verdict verdict)
{
    return verdict == VERDICT_UNSEAL || gathered->facts.seal == SEAL_BROKEN
               ? seal_state_name(gathered->facts.seal)
               : NULL;
}

struct stamping {
    struct message *message;
    const struct gathered *gathered;
    const struct judgement *judgement;
    const struct unsealed *unsealed; /* what comes out of the seal; NULL: it stays closed, or there is none */
    struct header_edit *edits;
    size_t n, n_forged;
};

/* Last first, since taking one out renumbers those behind it. */
static enum result take_out(struct stamping *stamping)
{
    struct message *message = stamping->message;
    char node[DOMAIN_ROOM];
    bool all = message->attach->role == ROLE_INBOUND;
    if (!domain_canonical(message->config->node, node))
        return RESULT_TRY_LATER;
    for (size_t i = message->n_headers; i-- > 0;) {
        const struct header_field *field = &message->headers[i];
        bool forged = all ? forged_claims_us(field->name, field->value, node) : forged_is_ours(field->name);
        stamping->n_forged += forged;
        if (forged || (stamping->unsealed && stamping->unsealed->dropped[i]))
            stamping->edits[stamping->n++] =
                (struct header_edit){HEADER_DELETE, field->name, field->index, NULL};
    }
    return RESULT_OK;
}

static void add_inside(struct stamping *stamping)
{
    const struct unsealed *unsealed = stamping->unsealed;
    for (size_t i = 0; unsealed && i < unsealed->n_fields; i++)
        stamping->edits[stamping->n++] =
            (struct header_edit){HEADER_ADD, unsealed->fields[i].name, 0, unsealed->fields[i].value};
}

static enum result add_auth_results(struct stamping *stamping)
{
    const struct gathered *gathered = stamping->gathered;
    char node[DOMAIN_ROOM];
    if (!gathered->proofs || !domain_canonical(stamping->message->config->node, node))
        return RESULT_OK;
    const char *value =
        auth_results_compose(node, gathered->proofs, gathered->facts.sender.class,
                             seal_result(gathered, stamping->judgement->verdict), stamping->message->arena);
    stamping->edits[stamping->n++] = (struct header_edit){HEADER_INSERT, AUTH_RESULTS_NAME, 0, value};
    return value ? RESULT_OK : RESULT_TRY_LATER;
}

/* Only who is known gets one, and only what has content needs one, or what is to be signed where it leaves.
 */
static bool gets_ticket(const struct stamping *stamping)
{
    const struct policy_facts *facts = &stamping->gathered->facts;
    return (facts->role == ROLE_SUBMISSION || facts->role == ROLE_LOCAL) &&
           !stamping->message->config->seals_at_submission &&
           stamping->message->config->mode == MODE_ENFORCE &&
           (facts->content || vouch_wants_ticket(stamping->message->config, facts)) &&
           (facts->sender.class == SENDER_STAFF || facts->sender.class == SENDER_SERVICE) &&
           stamping->judgement->verdict == VERDICT_PASS;
}

/* Those who are delivered here are nobody's concern at egress. */
static enum result add_ticket(struct stamping *stamping)
{
    const struct policy_facts *facts = &stamping->gathered->facts;
    const struct decision *decision = stamping->judgement->decision;
    struct ticket ticket = {.sender = facts->sender.class, .login = facts->sender.login};
    const char **rcpts = arena_alloc(stamping->message->arena, facts->n_rcpts + 1, sizeof *rcpts);
    const char *value = NULL;
    size_t n = 0;
    for (size_t i = 0; rcpts && i < facts->n_rcpts; i++)
        if (facts->rcpts[i].class != RCPT_LOCAL && decision->rcpts[i].verdict == VERDICT_PASS)
            rcpts[n++] = facts->rcpts[i].address;
    enum result result =
        rcpts ? gather_new_ticket(stamping->message, &ticket, rcpts, n, &value) : RESULT_TRY_LATER;
    stamping->edits[stamping->n++] = (struct header_edit){HEADER_INSERT, TICKET_FIELD, 0, value};
    return result;
}

enum result stamp(struct message *message, const struct gathered *gathered, const struct judgement *judgement,
                  struct reply *reply, size_t *forged_out)
{
    enum { ADDED = 2 };
    struct stamping stamping = {.message = message, .gathered = gathered, .judgement = judgement};
    *forged_out = 0;
    /* What is sealed has a header section of its own making. */
    if (reply->n_edits)
        return RESULT_OK;
    if (message->attach->role == ROLE_INBOUND && judgement->verdict == VERDICT_UNSEAL)
        stamping.unsealed = gathered->unsealed;
    size_t n_inside = stamping.unsealed ? stamping.unsealed->n_fields : 0;
    stamping.edits =
        arena_alloc(message->arena, message->n_headers + n_inside + ADDED, sizeof *stamping.edits);
    enum result result = stamping.edits ? take_out(&stamping) : RESULT_TRY_LATER;
    /* At egress these are our own tickets, which end here. */
    *forged_out = message->attach->role == ROLE_EGRESS ? 0 : stamping.n_forged;
    if (result == RESULT_OK)
        add_inside(&stamping);
    if (result == RESULT_OK && message->attach->role == ROLE_INBOUND)
        result = add_auth_results(&stamping);
    if (result == RESULT_OK && gets_ticket(&stamping))
        result = add_ticket(&stamping);
    if (result != RESULT_OK)
        return result;
    reply->edits = stamping.edits;
    reply->n_edits = stamping.n;
    return RESULT_OK;
}
