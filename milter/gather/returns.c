/* SPDX-License-Identifier: Apache-2.0 */
#include "gather/returns.h"

#include "base/text.h"

#include <string.h>

enum {
    RETURN_RCPTS_MAX = 4, /* who writes to more of them does not answer one */
    RETURN_DOCUMENTS_MAX = 200,
};

/* Plain, and not marked by anybody: INTERNE is what every document of ours is. */
static bool may_return(const struct document_facts *document)
{
    return document->sha256 && !document->opaque && !document->sealed && !document->ambiguous &&
           !document->markings && !document->caveats && document->level <= 1;
}

static bool all_may_return(const struct policy_facts *facts)
{
    for (size_t i = 0; i < facts->n_documents; i++)
        if (!may_return(&facts->documents[i]))
            return false;
    return facts->n_documents && facts->n_documents <= RETURN_DOCUMENTS_MAX &&
           facts->content == CONTENT_DOCUMENT;
}

static bool is_outside(const struct rcpt_facts *rcpt)
{
    return rcpt->class == RCPT_CONSUMER || rcpt->class == RCPT_OTHER;
}

static bool applies(const struct policy_facts *facts)
{
    size_t n = 0;
    for (size_t i = 0; i < facts->n_rcpts; i++)
        n += is_outside(&facts->rcpts[i]);
    return n && n <= RETURN_RCPTS_MAX && facts->role != ROLE_INBOUND && all_may_return(facts);
}

struct looking {
    const char *sha256, *address;
    bool found;
};

static bool has_document(const struct record *record, const char *sha256)
{
    for (size_t i = 0; i < record->n_documents; i++) {
        const struct record_document *document = &record->documents[i];
        if (document->level <= 1 && !document->caveats && document->sha256 &&
            strcmp(document->sha256, sha256) == 0)
            return true;
    }
    return false;
}

static int visit(const struct record *record, void *context)
{
    struct looking *looking = context;
    looking->found = record->role == ROLE_INBOUND && record->verdict == VERDICT_PASS && record->proven &&
                     record->from && text_equal_nocase(record->from, looking->address) &&
                     has_document(record, looking->sha256);
    return looking->found;
}

static enum result look_up(struct journal *journal, const struct policy_facts *facts, const char *address,
                           enum fact *returns, struct problem *problem)
{
    enum result result = RESULT_OK;
    struct looking looking = {.address = address, .found = true};
    for (size_t i = 0; i < facts->n_documents && looking.found && result == RESULT_OK; i++) {
        const struct journal_query query = {.sha256 = facts->documents[i].sha256, .person = address};
        looking.sha256 = query.sha256;
        looking.found = false;
        result = journal_find(journal, &query, visit, &looking, problem);
        if (result == RESULT_NOT_FOUND)
            result = RESULT_OK;
    }
    *returns = looking.found ? FACT_YES : FACT_NO;
    return result;
}

enum result gather_returns(struct message *message, struct journal *journal, struct policy_facts *facts,
                           struct problem *problem)
{
    if (!journal || !applies(facts))
        return RESULT_OK;
    struct rcpt_facts *rcpts =
        arena_copy(message->arena, facts->rcpts, facts->n_rcpts * sizeof *facts->rcpts);
    if (!rcpts)
        return problem_set(problem, RESULT_TRY_LATER, "no memory for the facts");
    enum result result = RESULT_OK;
    for (size_t i = 0; i < facts->n_rcpts && result == RESULT_OK; i++)
        if (is_outside(&rcpts[i]))
            result = look_up(journal, facts, rcpts[i].address, &rcpts[i].returns, problem);
    facts->rcpts = rcpts;
    return result;
}
