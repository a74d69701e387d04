/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/own_keys.h"

#include "dkimsign/dkimsign.h"

#include <string.h>

static bool copy(struct arena *arena, const struct dkim_key_settings *settings,
                 const struct dkimsign_key *key, struct survey_own *own)
{
    size_t selector = (size_t)(settings->domain - settings->name) - strlen("._domainkey.");
    own->domain = arena_strdup(arena, settings->domain);
    own->selector = arena_strndup(arena, settings->name, selector);
    own->record = arena_printf(arena, "v=DKIM1; k=%s; p=%s", key->kind == DKIMSIGN_RSA ? "rsa" : "ed25519",
                               key->public_text);
    return own->domain && own->selector && own->record;
}

enum result own_keys_read(const struct config *config, struct survey_request *request,
                          struct problem *problem)
{
    struct dkimsign *dkimsign = NULL;
    size_t n = 0;
    if (!config->dkim.n_keys)
        return RESULT_OK;
    if (dkimsign_new(&config->dkim, &dkimsign, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    const struct dkimsign_key *keys = dkimsign_keys(dkimsign, &n);
    struct survey_own *own = arena_alloc(request->arena, n, sizeof *own);
    bool done = own != NULL;
    for (size_t i = 0; done && i < n; i++)
        done = copy(request->arena, &config->dkim.keys[i], &keys[i], &own[i]);
    dkimsign_free(dkimsign);
    if (!done)
        return problem_set(problem, RESULT_TRY_LATER, "no memory for the keys that sign here");
    request->own = own;
    request->n_own = n;
    return RESULT_OK;
}
