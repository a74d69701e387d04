/* SPDX-License-Identifier: Apache-2.0 */
#include "gather/gather.h"

#include "base/clock.h"
#include "gather/documents.h"
#include "gather/forward.h"
#include "gather/rcpts.h"
#include "gather/returns.h"
#include "gather/sealed.h"
#include "gather/sender.h"
#include "gather/ticket.h"
#include "gather/unseal.h"

static void set_role(const struct message *message, struct policy_facts *facts)
{
    bool before = message->attach->role == ROLE_SUBMISSION || message->attach->role == ROLE_LOCAL;
    bool here = message->config->seals_at_submission ? before : message->attach->role == ROLE_EGRESS;
    facts->role = message->attach->role;
    facts->seals_here = here ? FACT_YES : FACT_NO;
}

/* Nothing can be said of whoever logged in while it is not known in whose name he writes: a refusal now would
 * blame him for our own trouble. At inbound nobody is believed for his From, so nothing is lost. */
static bool is_sender_unread(const struct message *message, const struct findings *findings)
{
    return message->attach->role != ROLE_INBOUND && !findings->complete && !findings->n_from;
}

/* What was sealed for us is opened, and from then on the findings are about what is inside. */
static enum result look_inside(struct message *message, const struct stages *stages,
                               struct gathered *gathered, struct problem *problem)
{
    struct findings *inside = NULL;
    enum result result = unseal(message, gathered->findings, stages->unsealer, gathered, problem);
    if (result != RESULT_OK || !gathered->unsealed)
        return result;
    result = inspector_run(stages->inspector, message->opened.fd, message->opened.size, message->arena,
                           &inside, problem);
    if (result == RESULT_OK)
        gathered->findings = inside;
    return result;
}

const struct gathered *gather_unread(struct message *message)
{
    struct gathered *gathered = arena_alloc(message->arena, 1, sizeof *gathered);
    if (!gathered)
        return NULL;
    set_role(message, &gathered->facts);
    gathered->facts.sender.class = SENDER_OUTSIDER; /* as whoever showed nothing */
    return gather_rcpts(message, NULL, NULL, clock_wall_ms() / 1000, gathered) == RESULT_OK ? gathered : NULL;
}

enum result gather(struct message *message, const struct stages *stages, const struct gathered **gathered_out,
                   struct problem *problem)
{
    struct gathered *gathered = arena_alloc(message->arena, 1, sizeof *gathered);
    struct findings *findings = NULL;
    int64_t now = clock_wall_ms() / 1000;
    *gathered_out = NULL;
    if (!gathered)
        return problem_set(problem, RESULT_TRY_LATER, "no memory for the facts");
    struct policy_facts *facts = &gathered->facts;
    set_role(message, facts);
    if (gather_ticket(message, now, &gathered->ticket) != RESULT_OK ||
        gather_sender(message, NULL, now, gathered) != RESULT_OK ||
        gather_rcpts(message, NULL, stages->keys, now, gathered) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "no memory for the envelope");
    *gathered_out = gathered;
    enum result result = inspector_run(stages->inspector, message->spool.fd, message->spool.size,
                                       message->arena, &findings, problem);
    if (result != RESULT_OK)
        return result;
    if (is_sender_unread(message, findings))
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no sender learnt: %s",
                           findings->incomplete_why ? findings->incomplete_why : "not read to the end");
    gathered->findings = findings;
    if (gather_proven_sender(message, findings, stages->authenticator, now, gathered) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "no memory for the facts");
    result = look_inside(message, stages, gathered, problem);
    if (result != RESULT_OK)
        return result;
    facts->reply_to_consumer = gather_reply_to_consumer(message, gathered->findings, now);
    result = gather_documents(message, gathered->findings, stages->journal, facts, &gathered->texts, problem);
    if (result != RESULT_OK)
        return result;
    gather_forward(message, gathered->findings, facts);
    if (gather_proven_address(message, findings, stages->authenticator, now, gathered) != RESULT_OK ||
        gather_rcpts(message, gathered->findings, stages->keys, now, gathered) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "no memory for the facts");
    /* A seal is content, whatever is under it: no message with one passes as conversation. */
    if (facts->seal != SEAL_NONE)
        facts->content |= CONTENT_SEALED;
    result = gather_sealed(message, stages->journal, facts, problem);
    return result == RESULT_OK ? gather_returns(message, stages->journal, facts, problem) : result;
}
