/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/generation.h"

#include "policy/registry.h"
#include "spool/spool.h"

#include <stdatomic.h>
#include <stdlib.h>

static enum result start_sealers(const struct config *config, struct generation *generation,
                                 struct problem *problem)
{
    struct sealing_settings sealing = config->sealing, opening = config->sealing;
    sealing.signing = &config->signing;
    opening.secrets = config->unsealing.homedir;
    opening.slots = config->unsealing.slots;
    enum result result = sealer_new_for(&sealing, config->registry, &generation->sealer, problem);
    if (result == RESULT_OK && opening.secrets)
        result = sealer_new_for(&opening, config->registry, &generation->unsealer, problem);
    return result;
}

enum result generation_new(const struct config *config, struct generation **generation_out,
                           struct problem *problem)
{
    struct generation *generation = calloc(1, sizeof *generation);
    if (config->registry_file.trust == REGISTRY_UNVERIFIED) {
        free(generation);
        config_unref(config);
        return problem_set(problem, RESULT_BUG, "the registry was loaded without asking for its signature");
    }
    if (!generation) {
        config_unref(config);
        return problem_set(problem, RESULT_TRY_LATER, "no memory for the configuration");
    }
    generation->config = config;
    generation->references = 1;
    enum result result = spool_prepare(config->spool.directory, problem);
    if (result == RESULT_OK)
        result = inspector_new(&config->inspector, &generation->inspector, problem);
    if (result == RESULT_OK)
        result = start_sealers(config, generation, problem);
    if (result == RESULT_OK)
        result =
            authenticator_new(&config->authenticator, &config->resolver, &generation->authenticator, problem);
    if (result == RESULT_OK && config->dkim.n_keys)
        result = dkimsign_new(&config->dkim, &generation->dkimsign, problem);
    if (result != RESULT_OK) {
        generation_unref(generation);
        return result;
    }
    *generation_out = generation;
    return RESULT_OK;
}

void generation_retire(struct generation *generation, int64_t idle_ms)
{
    authenticator_retire(generation->authenticator, idle_ms);
    sealer_retire(generation->sealer, idle_ms);
    if (generation->unsealer)
        sealer_retire(generation->unsealer, idle_ms);
    if (generation->dkimsign)
        dkimsign_retire(generation->dkimsign, idle_ms);
}

struct generation *generation_ref(struct generation *generation)
{
    atomic_fetch_add(&generation->references, 1);
    return generation;
}

void generation_unref(struct generation *generation)
{
    if (!generation || atomic_fetch_sub(&generation->references, 1) != 1)
        return;
    authenticator_free(generation->authenticator);
    dkimsign_free(generation->dkimsign);
    sealer_free(generation->sealer);
    sealer_free(generation->unsealer);
    inspector_free(generation->inspector);
    config_unref(generation->config);
    free(generation);
}
