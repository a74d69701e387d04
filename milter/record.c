/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include "base/clock.h"

#include <string.h>

static void add_rcpt(const struct rcpt_facts *rcpt, const struct judgement *judgement, size_t i,
                     struct record_rcpt *out)
{
    out->address = rcpt->address;
    out->typed = rcpt->typed;
    out->class = rcpt->class;
    out->verdict = judgement->verdict;
    out->reason = judgement->reason;
    /* A deferral is everybody's; otherwise each recipient has a decision of his own. */
    if (judgement->decision && judgement->verdict != VERDICT_TRY_LATER) {
        const struct rcpt_decision *decided = &judgement->decision->rcpts[i];
        out->verdict = decided->verdict;
        out->reason = decided->reason;
        out->rule = decided->rule ? decided->rule->id : NULL;
    }
}

static void add_document(const struct document_facts *document, struct record_document *out)
{
    *out = (struct record_document){
        .path = document->path,
        .name = document->name,
        .kind = document->kind,
        .level = document->level,
        .caveats = document->caveats,
        .unread = document->unread,
        .opaque = document->opaque || document->sealed,
        .ambiguous = document->ambiguous,
        .size_bytes = document->size_bytes,
        .sha256 = document->sha256,
        .references = document->references,
        .known_by = document->known == FACT_YES ? document->known_by : KNOWN_BY_NOTHING,
        .share = document->share,
        .known_from = document->resembles,
    };
}

static enum result add_facts(struct message *message, const struct gathered *gathered,
                             const struct judgement *judgement, struct record *record)
{
    const struct policy_facts *facts = &gathered->facts;
    struct record_rcpt *rcpts = arena_alloc(message->arena, facts->n_rcpts, sizeof *rcpts);
    struct record_document *documents = arena_alloc(message->arena, facts->n_documents, sizeof *documents);
    if (!rcpts || !documents)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < facts->n_rcpts; i++)
        add_rcpt(&facts->rcpts[i], judgement, i, &rcpts[i]);
    for (size_t i = 0; i < facts->n_documents; i++) {
        const struct record_text *text = gathered->texts ? &gathered->texts[i] : NULL;
        add_document(&facts->documents[i], &documents[i]);
        if (text && (text->sha256 || text->sketch))
            documents[i].text = text;
    }
    record->ticket = gathered->ticket ? gathered->ticket->reference : NULL;
    record->sender = facts->sender.class;
    record->lacks = facts->sender.lacks;
    record->proven = facts->sender.proven == FACT_YES;
    record->forward = facts->forward;
    record->from = facts->sender.from;
    record->level = facts->level;
    record->caveats = facts->caveats;
    record->content = facts->content;
    record->rcpts = rcpts;
    record->n_rcpts = facts->n_rcpts;
    record->documents = documents;
    record->n_documents = facts->n_documents;
    return RESULT_OK;
}

enum result record_of(struct message *message, const struct gathered *gathered,
                      const struct judgement *judgement, struct record *record_out)
{
    const struct config *config = message->config;
    *record_out = (struct record){
        .time_ms = clock_wall_ms(),
        .node = config->node,
        .queue_id = message->queue_id,
        .message_id = message_id(message),
        .client_address = message->client_address,
        .login = message->login,
        .envelope_from = message->envelope_from,
        .role = message->attach->role,
        .sender = SENDER_OUTSIDER,
        .observed = config->mode == MODE_OBSERVE,
        .verdict = judgement->verdict,
        .reason = judgement->reason,
        .rule = judgement->rule ? judgement->rule->id : NULL,
        .basis = judgement->rule ? judgement->rule->basis : NULL,
        .policy_digest = config->digest,
        .alert = judgement->alert,
        .sealed_sha256 = judgement->sealed_sha256,
        .detail = judgement->detail,
    };
    memcpy(record_out->reference, message->reference, sizeof record_out->reference);
    return gathered ? add_facts(message, gathered, judgement, record_out) : RESULT_OK;
}
