/* SPDX-License-Identifier: Apache-2.0 */
#include "stamp.h"

#include "policy/domain.h"
#include "policy/names.h"
#include "sender/auth_results.h"
#include "sender/forged.h"
#include "unseal.h"

/* What opening the seal has shown, for our own field; NULL: nothing was opened. */
static const char *seal_result(const struct gathered *gathered, enum verdict verdict)
{
    return verdict == VERDICT_UNSEAL ? seal_state_name(gathered->facts.seal) : NULL;
}

enum result stamp(struct message *message, const struct gathered *gathered, enum verdict verdict,
                  struct reply *reply, size_t *forged_out)
{
    const struct unsealed *unsealed = verdict == VERDICT_UNSEAL ? gathered->unsealed : NULL;
    size_t n_inside = unsealed ? unsealed->n_fields : 0;
    char node[DOMAIN_ROOM];
    size_t n = 0;
    *forged_out = 0;
    /* What is sealed has a header section of its own making. */
    if (message->attach->role != ROLE_INBOUND || reply->n_edits)
        return RESULT_OK;
    struct header_edit *edits = arena_alloc(message->arena, message->n_headers + n_inside + 1, sizeof *edits);
    if (!edits || !domain_canonical(message->config->node, node))
        return RESULT_TRY_LATER;
    for (size_t i = message->n_headers; i-- > 0;) {
        const struct header_field *field = &message->headers[i];
        bool forged = forged_claims_us(field->name, field->value, node);
        *forged_out += forged;
        if (forged || (unsealed && unsealed->dropped[i]))
            edits[n++] = (struct header_edit){HEADER_DELETE, field->name, field->index, NULL};
    }
    for (size_t i = 0; i < n_inside; i++)
        edits[n++] = (struct header_edit){HEADER_ADD, unsealed->fields[i].name, 0, unsealed->fields[i].value};
    if (gathered->proofs) {
        const char *value = auth_results_compose(node, gathered->proofs, gathered->facts.sender.class,
                                                 seal_result(gathered, verdict), message->arena);
        if (!value)
            return RESULT_TRY_LATER;
        edits[n++] = (struct header_edit){HEADER_INSERT, AUTH_RESULTS_NAME, 0, value};
    }
    reply->edits = edits;
    reply->n_edits = n;
    return RESULT_OK;
}
