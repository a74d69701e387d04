/* SPDX-License-Identifier: Apache-2.0 */
#include "stamp.h"

#include "policy/domain.h"
#include "sender/auth_results.h"
#include "sender/forged.h"

enum result stamp(struct message *message, const struct gathered *gathered, struct reply *reply,
                  size_t *forged_out)
{
    char node[DOMAIN_ROOM];
    size_t n = 0;
    *forged_out = 0;
    /* What is sealed has a header section of its own making. */
    if (message->attach->role != ROLE_INBOUND || reply->n_edits)
        return RESULT_OK;
    struct header_edit *edits = arena_alloc(message->arena, message->n_headers + 1, sizeof *edits);
    if (!edits || !domain_canonical(message->config->node, node))
        return RESULT_TRY_LATER;
    for (size_t i = message->n_headers; i-- > 0;) {
        const struct header_field *field = &message->headers[i];
        if (forged_claims_us(field->name, field->value, node))
            edits[n++] = (struct header_edit){HEADER_DELETE, field->name, field->index, NULL};
    }
    *forged_out = n;
    if (gathered->proofs) {
        const char *value =
            auth_results_compose(node, gathered->proofs, gathered->facts.sender.class, message->arena);
        if (!value)
            return RESULT_TRY_LATER;
        edits[n++] = (struct header_edit){HEADER_INSERT, AUTH_RESULTS_NAME, 0, value};
    }
    reply->edits = edits;
    reply->n_edits = n;
    return RESULT_OK;
}
