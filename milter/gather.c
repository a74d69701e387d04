/* SPDX-License-Identifier: Apache-2.0 */
#include "gather.h"

#include "base/clock.h"
#include "gather_envelope.h"
#include "gather_sender.h"

/* What any document of a government sender is unless something says otherwise (INTERNE); what citizens send
 * in has no level of ours. */
static int default_level(const struct message *message, const struct sender_facts *sender)
{
    bool outsider = sender->class == SENDER_OUTSIDER || sender->class == SENDER_NULL;
    return message->attach->role == ROLE_INBOUND && outsider ? 0 : 1;
}

static enum result add_part(struct message *message, const struct part_finding *part, int level,
                            struct document_facts *document)
{
    *document = (struct document_facts){
        .path = part->path,
        .name = part->name,
        .kind = part->kind ? part->kind : "application/octet-stream",
        .level = level,
        .unread = part->flags & PART_UNREAD,
        .opaque = part->flags & PART_OPAQUE,
        .ambiguous = part->flags & PART_AMBIGUOUS,
        .size_bytes = part->size_bytes,
    };
    if (!part->has_sha256)
        return RESULT_OK;
    char hex[DIGEST_HEX];
    hex_encode(part->sha256, DIGEST_BYTES, hex);
    document->sha256 = arena_strdup(message->arena, hex);
    return document->sha256 ? RESULT_OK : RESULT_TRY_LATER;
}

/* A message that could not be read to its end is one unread document, whatever else it showed. */
static void add_whole_message(const struct message *message, int level, struct document_facts *document)
{
    *document = (struct document_facts){
        .path = "0",
        .kind = "message/rfc822",
        .level = level,
        .unread = true,
        .size_bytes = message->spool.size,
    };
}

static unsigned content_of(const struct document_facts *document)
{
    unsigned content = document->opaque   ? CONTENT_OPAQUE
                       : document->sealed ? CONTENT_SEALED
                                          : CONTENT_DOCUMENT;
    return content | (document->ambiguous ? CONTENT_AMBIGUOUS : 0U);
}

static enum result gather_documents(struct message *message, const struct findings *findings,
                                    const struct sender_facts *sender, struct policy_facts *facts)
{
    struct document_facts *documents = arena_alloc(message->arena, findings->n_parts + 1, sizeof *documents);
    int level = default_level(message, sender);
    size_t n = 0;
    if (!documents)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < findings->n_parts; i++) {
        if (!(findings->parts[i].flags & PART_DOCUMENT))
            continue;
        if (add_part(message, &findings->parts[i], level, &documents[n++]) != RESULT_OK)
            return RESULT_TRY_LATER;
    }
    bool whole = !findings->complete || findings->limits || (findings->ambiguous && n == 0);
    if (whole)
        add_whole_message(message, level, &documents[n++]);
    for (size_t i = 0; i < n; i++) {
        facts->content |= content_of(&documents[i]);
        facts->level = level;
    }
    if (findings->ambiguous)
        facts->content |= CONTENT_AMBIGUOUS;
    facts->documents = documents;
    facts->n_documents = n;
    return RESULT_OK;
}

static void look_up(struct journal *journal, struct policy_facts *facts)
{
    struct document_facts *documents = (struct document_facts *)(uintptr_t)facts->documents;
    for (size_t i = 0; i < facts->n_documents; i++)
        if (journal && documents[i].sha256)
            documents[i].known = journal_knows_document(journal, documents[i].sha256);
}

static void set_role(const struct message *message, struct policy_facts *facts)
{
    bool outgoing = message->attach->role == ROLE_SUBMISSION || message->attach->role == ROLE_LOCAL;
    facts->role = message->attach->role;
    facts->seals_here = outgoing && message->config->seals_at_submission ? FACT_YES : FACT_NO;
}

/* Nothing can be said of whoever logged in while it is not known in whose name he writes: a refusal now would
 * blame him for our own trouble. At inbound nobody is believed for his From, so nothing is lost. */
static bool is_sender_unread(const struct message *message, const struct findings *findings)
{
    return message->attach->role != ROLE_INBOUND && !findings->complete && !findings->n_from;
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
    if (gather_sender(message, NULL, now, &facts->sender) != RESULT_OK ||
        gather_rcpts(message, NULL, stages->keys, now, facts) != RESULT_OK)
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
    facts->reply_to_consumer = gather_reply_to_consumer(message, findings, now);
    if (gather_proven_sender(message, findings, stages->authenticator, now, gathered) != RESULT_OK ||
        gather_documents(message, findings, &facts->sender, facts) != RESULT_OK ||
        gather_rcpts(message, findings, stages->keys, now, facts) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "no memory for the facts");
    look_up(stages->journal, facts);
    return RESULT_OK;
}
