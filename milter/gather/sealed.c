/* SPDX-License-Identifier: Apache-2.0 */
#include "gather/sealed.h"

#include "base/text.h"

#include <string.h>

struct looking {
    const struct policy_facts *facts;
    const char *sha256;
    bool sealed;
    bool *is_for; /* one a recipient */
};

/* One decision that made this ciphertext; retries made others of their own. */
static int visit(const struct record *record, void *context)
{
    struct looking *looking = context;
    if (!record->sealed_sha256 || strcmp(record->sealed_sha256, looking->sha256) != 0 ||
        record->verdict != VERDICT_SEAL)
        return 0;
    looking->sealed = true;
    for (size_t i = 0; i < looking->facts->n_rcpts; i++)
        for (size_t k = 0; k < record->n_rcpts && !looking->is_for[i]; k++)
            looking->is_for[i] =
                record->rcpts[k].address &&
                text_equal_nocase(record->rcpts[k].address, looking->facts->rcpts[i].address);
    return 0;
}

static enum result look_up(struct journal *journal, struct looking *looking, struct problem *problem)
{
    const struct journal_query query = {.sha256 = looking->sha256};
    memset(looking->is_for, 0, looking->facts->n_rcpts);
    looking->sealed = false;
    enum result result = journal_find(journal, &query, visit, looking, problem);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

struct seals {
    struct document_facts *documents; /* copies of the facts', to be changed */
    struct rcpt_facts *rcpts;
    bool *is_for; /* every sealed one so far */
    size_t n_sealed, n_opaque;
};

static bool copy_facts(struct arena *arena, const struct policy_facts *facts, struct seals *seals)
{
    seals->documents = arena_copy(arena, facts->documents, facts->n_documents * sizeof *seals->documents);
    seals->rcpts = arena_copy(arena, facts->rcpts, facts->n_rcpts * sizeof *seals->rcpts);
    seals->is_for = arena_alloc(arena, facts->n_rcpts + 1, sizeof *seals->is_for);
    if (seals->is_for)
        memset(seals->is_for, true, facts->n_rcpts);
    return seals->documents && seals->rcpts && seals->is_for;
}

static enum result look_up_all(struct journal *journal, struct looking *looking, struct seals *seals,
                               struct problem *problem)
{
    enum result result = RESULT_OK;
    for (size_t i = 0; result == RESULT_OK && i < looking->facts->n_documents; i++) {
        struct document_facts *document = &seals->documents[i];
        if (!document->opaque)
            continue;
        looking->sha256 = document->sha256;
        looking->sealed = false;
        if (document->sha256)
            result = look_up(journal, looking, problem);
        document->sealed = looking->sealed;
        document->opaque = !looking->sealed;
        seals->n_sealed += looking->sealed;
        seals->n_opaque += !looking->sealed;
        for (size_t k = 0; looking->sealed && k < looking->facts->n_rcpts; k++)
            seals->is_for[k] = seals->is_for[k] && looking->is_for[k];
    }
    return result;
}

enum result gather_sealed(struct message *message, struct journal *journal, struct policy_facts *facts,
                          struct problem *problem)
{
    struct seals seals = {0};
    struct looking looking = {.facts = facts,
                              .is_for = arena_alloc(message->arena, facts->n_rcpts + 1, sizeof(bool))};
    if (!(facts->content & CONTENT_OPAQUE) || facts->role == ROLE_INBOUND || !journal)
        return RESULT_OK;
    if (!looking.is_for || !copy_facts(message->arena, facts, &seals))
        return problem_set(problem, RESULT_TRY_LATER, "no memory for the facts");
    enum result result = look_up_all(journal, &looking, &seals, problem);
    if (result != RESULT_OK || !seals.n_sealed)
        return result;
    for (size_t k = 0; k < facts->n_rcpts; k++)
        seals.rcpts[k].sealed_for = seals.is_for[k] && !seals.n_opaque ? FACT_YES : FACT_NO;
    facts->documents = seals.documents;
    facts->rcpts = seals.rcpts;
    facts->content |= CONTENT_SEALED;
    if (!seals.n_opaque)
        facts->content &= ~(unsigned)CONTENT_OPAQUE;
    return RESULT_OK;
}
