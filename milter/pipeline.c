/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/generation.h"
#include "enforce/enforce.h"
#include "enforce/stamp.h"
#include "enforce/vouch.h"
#include "gather/gather.h"
#include "growth.h"
#include "judgement.h"
#include "policy/names.h"
#include "record.h"
#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct passage {
    struct daemon *daemon;
    struct generation *generation;
    struct message *message;
    const char *failure; /* receiving went wrong; NULL */
    const struct gathered *gathered;
    struct judgement judgement;
    struct reply reply;
    bool recorded, undelivered;
    size_t forged; /* header fields that were taken out */
    uint64_t sequence;
};

/* --- the route
 * -------------------------------------------------------------------------------------------------- */

static void defer(struct passage *passage, const char *why)
{
    passage->judgement.verdict = VERDICT_TRY_LATER;
    passage->judgement.reason = REASON_INTERNAL;
    passage->judgement.detail = why;
}

static void refuse_too_big(struct passage *passage, const char *why)
{
    passage->judgement.verdict = VERDICT_REJECT;
    passage->judgement.reason = REASON_TOO_BIG;
    passage->judgement.detail = why;
}

/* No recipient's rule decides any more: what leaves unsigned is taken for forged by whoever demands DKIM, and
 * another attempt would fare no better. */
static void refuse_unsignable(struct passage *passage, const char *why)
{
    struct judgement *judgement = &passage->judgement;
    decision_free((struct decision *)(uintptr_t)judgement->decision);
    *judgement = (struct judgement){
        .verdict = VERDICT_REJECT, .reason = REASON_UNSIGNABLE, .detail = why, .alert = judgement->alert};
}

/* Early, and for good: it would only fail later, out of its sender's sight. */
static void refuse_growth(struct passage *passage)
{
    struct judgement *judgement = &passage->judgement;
    uint64_t grown = growth_over_limit(passage->message, &passage->gathered->facts, judgement->decision);
    if (!grown)
        return;
    decision_free((struct decision *)(uintptr_t)judgement->decision);
    *judgement = (struct judgement){.grown = grown, .alert = judgement->alert};
    refuse_too_big(passage, "sealed it would be over sealing.size-limit");
}

static enum result decide(struct passage *passage, struct problem *problem)
{
    struct judgement *judgement = &passage->judgement;
    struct decision *decision = NULL;
    if (policy_decide(passage->generation->config->rules, &passage->gathered->facts, &decision) != POLICY_OK)
        return problem_set(problem, RESULT_TRY_LATER, "no memory for a decision");
    judgement->decision = decision;
    judgement->verdict = decision->verdict;
    judgement->reason = decision->reason;
    judgement->rule = decision->rule;
    judgement->alert = decision->alert;
    const struct sender_facts *sender = &passage->gathered->facts.sender;
    if (decision->verdict == VERDICT_TRY_LATER)
        judgement->detail =
            sender->proof_unknown ? sender->why : "a fact that the rules need could not be learnt";
    else
        judgement->detail = passage->gathered->facts.seal_why;
    return RESULT_OK;
}

static enum result enforce(struct passage *passage, struct problem *problem)
{
    if (passage->judgement.verdict == VERDICT_UNSEAL)
        return enforce_unseal(passage->message, passage->gathered, &passage->judgement, &passage->reply,
                              problem);
    if (passage->judgement.verdict != VERDICT_SEAL || passage->generation->config->mode == MODE_OBSERVE)
        return RESULT_OK;
    enum result result = enforce_seal(passage->message, passage->gathered, &passage->judgement,
                                      passage->generation->sealer, &passage->reply, problem);
    /* What is to be sealed leaves with a new body or not at all, whatever the stage above believes it did. */
    if (result == RESULT_OK && (passage->reply.body_fd < 0 || !passage->reply.body_size))
        return problem_set(problem, RESULT_BUG, "sealing: no sealed body was made");
    return result;
}

static enum result sign(struct passage *passage, struct problem *problem)
{
    enum result result = vouch(passage->message, passage->gathered, &passage->judgement,
                               passage->generation->dkimsign, &passage->reply, problem);
    if (result != RESULT_NOT_FOUND)
        return result;
    refuse_unsignable(passage, problem->text);
    return RESULT_OK;
}

static enum result route(struct passage *passage, struct problem *problem)
{
    struct generation *generation = passage->generation;
    struct stages stages = {generation->inspector, sealer_keys(generation->sealer),
                            daemon_journal(passage->daemon), generation->authenticator, generation->unsealer};
    enum result result = gather(passage->message, &stages, &passage->gathered, problem);
    if (result == RESULT_OK)
        result = decide(passage, problem);
    if (result == RESULT_OK)
        refuse_growth(passage);
    if (result == RESULT_OK)
        result = enforce(passage, problem);
    if (result == RESULT_OK && stamp(passage->message, passage->gathered, &passage->judgement,
                                     &passage->reply, &passage->forged) != RESULT_OK)
        result = problem_set(problem, RESULT_TRY_LATER, "the header fields could not be made");
    if (result == RESULT_OK)
        result = sign(passage, problem);
    return result;
}

static enum result record(struct passage *passage, struct problem *problem)
{
    struct record record;
    enum result result = record_of(passage->message, passage->gathered, &passage->judgement, &record);
    if (result != RESULT_OK)
        return problem_set(problem, result, "no memory for a record");
    result = journal_append(daemon_journal(passage->daemon), &record, &passage->sequence, problem);
    passage->recorded = result == RESULT_OK;
    return result;
}

static void forget_edits(struct reply *reply)
{
    fd_close(&reply->body_fd);
    reply->edits = NULL;
    reply->n_edits = 0;
}

static void log_message(const struct passage *passage, int64_t took_ms)
{
    const struct message *message = passage->message;
    const struct judgement *judgement = &passage->judgement;
    char forged[40] = "";
    if (passage->forged)
        (void)snprintf(forged, sizeof forged, " forged=%zu", passage->forged);
    log_info(
        "%s: role=%s verdict=%s%s reason=%s rule=%s level=%d documents=%zu rcpts=%zu bytes=%llu reference=%s "
        "journal=%s ms=%lld%s%s%s",
        message->queue_id ? message->queue_id : "-", role_name(message->attach->role),
        verdict_name(judgement->verdict), message->config->mode == MODE_OBSERVE ? " observe=yes" : "",
        judgement->reason ? reason_name(judgement->reason) : "-", judgement->rule ? judgement->rule->id : "-",
        passage->gathered ? passage->gathered->facts.level : 0,
        passage->gathered ? passage->gathered->facts.n_documents : 0, message->n_rcpts,
        (unsigned long long)message->spool.size, message->reference, passage->recorded ? "yes" : "no",
        (long long)took_ms, forged, judgement->detail ? " detail=" : "",
        judgement->detail ? judgement->detail : "");
    if (judgement->alert)
        log_warning("%s: alert: %s reference=%s: tell compliance",
                    message->queue_id ? message->queue_id : "-", reason_name(judgement->reason),
                    message->reference);
}

const struct reply *passage_judge(struct passage *passage)
{
    struct problem problem = {""};
    struct message *message = passage->message;
    int64_t started_ms = clock_monotonic_ms();
    const char *excess = message_excess(message);
    if (passage->failure || excess)
        passage->gathered = gather_unread(message);
    if (passage->failure)
        defer(passage, passage->failure);
    else if (excess)
        refuse_too_big(passage, excess);
    else if (route(passage, &problem) != RESULT_OK)
        defer(passage, problem.text);
    if (record(passage, &problem) != RESULT_OK)
        defer(passage, problem.text);
    bool go_on = verdict_is_permission(passage->judgement.verdict);
    if (message->config->mode == MODE_OBSERVE || !go_on)
        forget_edits(&passage->reply);
    if (message->config->mode == MODE_ENFORCE && !go_on)
        reply_compose(message, passage->gathered, &passage->judgement, &passage->reply);
    log_message(passage, clock_monotonic_ms() - started_ms);
    /* Borrowed from this frame. */
    passage->judgement.detail = NULL;
    return &passage->reply;
}

/* --- a message's passage
 * ---------------------------------------------------------------------------------------- */

enum result passage_open(struct daemon *daemon, const char *daemon_name, struct passage **passage_out,
                         struct problem *problem)
{
    struct passage *passage = calloc(1, sizeof *passage);
    if (!passage)
        return problem_set(problem, RESULT_TRY_LATER, "no memory for a message");
    passage->daemon = daemon;
    passage->reply.body_fd = -1;
    passage->generation = daemon_generation(daemon);
    const struct config *config = passage->generation->config;
    enum result result = message_new(config, config_attach(config, daemon_name), &passage->message, problem);
    if (result != RESULT_OK) {
        passage_close(passage);
        return result;
    }
    *passage_out = passage;
    return RESULT_OK;
}

struct message *passage_message(struct passage *passage)
{
    return passage->message;
}

void passage_fail(struct passage *passage, const char *why)
{
    if (!passage->failure)
        passage->failure = why;
}

void passage_undelivered(struct passage *passage)
{
    passage->undelivered = true;
}

void passage_close(struct passage *passage)
{
    if (!passage)
        return;
    if (passage->recorded)
        journal_replied(daemon_journal(passage->daemon), passage->sequence, !passage->undelivered);
    fd_close(&passage->reply.body_fd);
    decision_free((struct decision *)(uintptr_t)passage->judgement.decision);
    message_free(passage->message);
    generation_unref(passage->generation);
    free(passage);
}
