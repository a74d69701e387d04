/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal.h"

#include "base/clock.h"
#include "helper/pool.h"
#include "seal/client.h"
#include "seal/workring.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RING_BASE_MS = 30 * 1000, /* to make a working ring, and for each key: importing is slow */
    RING_KEY_MS = 20,
};

struct sealer {
    struct sealing_settings settings; /* its strings are ours */
    struct signing_settings signing;  /* so are these */
    struct pins pins;
    struct keys *keys;
    pthread_mutex_t refreshing; /* one at a time; never taken inside `lock` */
    pthread_mutex_t lock;       /* of `ring` */
    struct workring *ring;
    struct pool pool; /* of processes, each on a ring */
};

static void release_ring(void *basis)
{
    workring_unref(basis);
}

/* A process that lives and runs on the current ring, in this slot. Cheap when there is one already. */
static enum result ready_process(struct sealer *sealer, struct pool_slot *slot, struct problem *problem)
{
    (void)pthread_mutex_lock(&sealer->lock);
    struct workring *current = workring_ref(sealer->ring);
    (void)pthread_mutex_unlock(&sealer->lock);
    if (slot->basis == current && helper_alive(&slot->process)) {
        workring_unref(current);
        return RESULT_OK;
    }
    pool_end(&sealer->pool, slot);
    const char *const argv[] = {sealer->settings.program, sealer->settings.gpg, workring_path(current),
                                sealer->settings.resident ? SEAL_RESIDENT : NULL, NULL};
    enum result result = helper_start(&slot->process, argv, problem);
    if (result == RESULT_OK)
        slot->basis = current;
    else
        workring_unref(current);
    return result;
}

void sealer_retire(struct sealer *sealer, int64_t idle_ms)
{
    pool_retire(&sealer->pool, idle_ms, false);
}

enum result sealer_can_sign(struct sealer *sealer, int64_t now, int64_t *ends_out, struct problem *problem)
{
    (void)pthread_mutex_lock(&sealer->lock);
    const struct signer *signer = workring_signer(sealer->ring);
    enum result result = signer_check(signer, now, problem);
    *ends_out = signer->expires;
    (void)pthread_mutex_unlock(&sealer->lock);
    return result;
}

void sealer_signer(struct sealer *sealer, struct signer *signer_out)
{
    (void)pthread_mutex_lock(&sealer->lock);
    *signer_out = *workring_signer(sealer->ring);
    (void)pthread_mutex_unlock(&sealer->lock);
}

static enum result name_signer(const struct workring *ring, struct seal_request *request,
                               struct problem *problem)
{
    const struct signer *signer = workring_signer(ring);
    enum result result = signer_check(signer, clock_wall_ms() / 1000, problem);
    request->signer = result == RESULT_OK ? signer->fingerprint : NULL;
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result sealer_seal(struct sealer *sealer, const struct seal_request *request,
                        struct seal_outcome *outcome_out, struct problem *problem)
{
    struct seal_request signed_request = *request;
    struct pool_slot *slot = NULL;
    struct turn turn = {.share = NULL};
    int64_t ends;
    memset(outcome_out, 0, sizeof *outcome_out);
    if (sealer_can_sign(sealer, clock_wall_ms() / 1000, &ends, problem) == RESULT_TRY_LATER ||
        pool_take(&sealer->pool, &turn, sealer->settings.wait_ms, &slot, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    int64_t deadline_ms = clock_monotonic_ms() + sealer->settings.deadline_ms;
    enum result result = ready_process(sealer, slot, problem);
    if (result == RESULT_OK)
        result = name_signer(slot->basis, &signed_request, problem);
    if (result == RESULT_OK)
        result = client_seal(&slot->process, slot->frame, workring_keys(slot->basis), &signed_request,
                             clock_wall_ms() / 1000, deadline_ms, outcome_out, problem);
    /* Whatever failed may have left gpg running or the sealer confused. The next message gets a fresh one. */
    if (result != RESULT_OK)
        pool_end(&sealer->pool, slot);
    pool_give(&sealer->pool, &turn, slot);
    return result == RESULT_OK ? RESULT_OK : RESULT_TRY_LATER;
}

enum result sealer_unseal(struct sealer *sealer, const struct unseal_request *request,
                          struct unseal_outcome *outcome_out, struct problem *problem)
{
    struct pool_slot *slot = NULL;
    struct turn turn = {.share = NULL};
    memset(outcome_out, 0, sizeof *outcome_out);
    if (pool_take(&sealer->pool, &turn, sealer->settings.wait_ms, &slot, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    int64_t deadline_ms = clock_monotonic_ms() + sealer->settings.deadline_ms;
    enum result result = ready_process(sealer, slot, problem);
    if (result == RESULT_OK)
        result = client_unseal(&slot->process, slot->frame, request, deadline_ms, outcome_out, problem);
    /* A bomb may still be going off in its gpg. */
    if (result != RESULT_OK)
        pool_end(&sealer->pool, slot);
    pool_give(&sealer->pool, &turn, slot);
    return result == RESULT_OK || result == RESULT_BAD_INPUT ? result : RESULT_TRY_LATER;
}

static enum result make_ring(struct sealer *sealer, struct problem *problem)
{
    struct workring *fresh = NULL;
    int64_t budget_ms = RING_BASE_MS + RING_KEY_MS * (int64_t)sealer->pins.n_fingerprints;
    enum result result =
        workring_new(&sealer->settings, &sealer->pins, clock_monotonic_ms() + budget_ms, &fresh, problem);
    if (result != RESULT_OK)
        return RESULT_TRY_LATER;
    const char *trouble = workring_trouble(fresh);
    if (trouble)
        result = problem_set(problem, RESULT_TRY_LATER, "%s", trouble);
    /* Keys that nobody tried are better than none, and worse than those of a ring that were. */
    if (trouble && sealer->ring && !workring_trouble(sealer->ring)) {
        workring_unref(fresh);
        return result;
    }
    keys_swap(sealer->keys, workring_keys(fresh));
    (void)pthread_mutex_lock(&sealer->lock);
    struct workring *old = sealer->ring;
    sealer->ring = fresh;
    (void)pthread_mutex_unlock(&sealer->lock);
    workring_unref(old);
    /* Busy ones let go of it with their next message. */
    pool_keep_basis(&sealer->pool, fresh);
    return result;
}

enum result sealer_refresh(struct sealer *sealer, struct problem *problem)
{
    enum result result = RESULT_OK;
    (void)pthread_mutex_lock(&sealer->refreshing);
    /* Only this function changes the pointer, and only under this lock. */
    if (!sealer->ring || !workring_is_current(sealer->ring, &sealer->settings) ||
        signer_check(workring_signer(sealer->ring), clock_wall_ms() / 1000, problem) == RESULT_TRY_LATER)
        result = make_ring(sealer, problem);
    (void)pthread_mutex_unlock(&sealer->refreshing);
    return result;
}

enum result sealer_trouble(struct sealer *sealer, struct problem *problem)
{
    (void)pthread_mutex_lock(&sealer->lock);
    const char *trouble = workring_trouble(sealer->ring);
    enum result result = trouble ? problem_set(problem, RESULT_TRY_LATER, "%s", trouble) : RESULT_OK;
    (void)pthread_mutex_unlock(&sealer->lock);
    return result;
}

bool sealer_is_current(struct sealer *sealer)
{
    (void)pthread_mutex_lock(&sealer->refreshing);
    bool current = workring_is_current(sealer->ring, &sealer->settings);
    (void)pthread_mutex_unlock(&sealer->refreshing);
    return current;
}

static bool copy_signing(struct sealer *sealer, const struct signing_settings *signing)
{
    sealer->settings.signing = &sealer->signing;
    if (!signing || !signing->homedir)
        return true;
    sealer->signing = (struct signing_settings){strdup(signing->homedir), strdup(signing->key)};
    return sealer->signing.homedir && sealer->signing.key;
}

static bool copy_settings(struct sealer *sealer, const struct sealing_settings *settings)
{
    sealer->settings = *settings;
    sealer->settings.program = strdup(settings->program);
    sealer->settings.gpg = strdup(settings->gpg);
    sealer->settings.homedir = strdup(settings->homedir);
    sealer->settings.work_directory = strdup(settings->work_directory);
    sealer->settings.secrets = settings->secrets ? strdup(settings->secrets) : NULL;
    if (settings->secrets && !sealer->settings.secrets)
        return false;
    if (!copy_signing(sealer, settings->signing))
        return false;
    return sealer->settings.program && sealer->settings.gpg && sealer->settings.homedir &&
           sealer->settings.work_directory;
}

/* Takes the pins over. */
static enum result open_pool(const struct sealing_settings *settings, struct pins *pins,
                             struct sealer **sealer_out, struct problem *problem)
{
    const struct pool_settings pool = {
        .name = settings->secrets ? "unsealing" : "sealing",
        .setting = settings->secrets ? "slots in unsealing" : "slots in sealing",
        .slots = settings->slots,
        .release = release_ring,
    };
    struct sealer *sealer = calloc(1, sizeof *sealer);
    if (!sealer) {
        pins_clear(pins);
        return problem_set(problem, RESULT_TRY_LATER, "sealing: no memory");
    }
    (void)pthread_mutex_init(&sealer->lock, NULL);
    (void)pthread_mutex_init(&sealer->refreshing, NULL);
    sealer->pins = *pins;
    sealer->keys = keys_new();
    bool made =
        pool_open(&sealer->pool, &pool) == RESULT_OK && copy_settings(sealer, settings) && sealer->keys;
    enum result result = made ? workring_prepare(sealer->settings.work_directory, problem)
                              : problem_set(problem, RESULT_TRY_LATER, "sealing: no memory");
    if (result == RESULT_OK)
        result = sealer_refresh(sealer, problem);
    if (sealer->ring)
        result = RESULT_OK;
    if (result != RESULT_OK) {
        sealer_free(sealer);
        return result;
    }
    *sealer_out = sealer;
    return RESULT_OK;
}

enum result sealer_new(const struct sealing_settings *settings, const char *const *fingerprints,
                       size_t n_fingerprints, struct sealer **sealer_out, struct problem *problem)
{
    struct pins pins;
    if (!pins_copy(&pins, fingerprints, n_fingerprints))
        return problem_set(problem, RESULT_TRY_LATER, "sealing: no memory");
    return open_pool(settings, &pins, sealer_out, problem);
}

enum result sealer_new_for(const struct sealing_settings *settings, const struct registry *registry,
                           struct sealer **sealer_out, struct problem *problem)
{
    struct pins pins;
    if (!pins_of(&pins, registry, settings->secrets != NULL))
        return problem_set(problem, RESULT_TRY_LATER, "sealing: no memory");
    return open_pool(settings, &pins, sealer_out, problem);
}

enum result sealer_new_for_entries(const struct sealing_settings *settings,
                                   const struct registry_entry *const *entries, size_t n,
                                   struct sealer **sealer_out, struct problem *problem)
{
    struct pins pins;
    if (!pins_of_entries(&pins, entries, n, settings->secrets != NULL))
        return problem_set(problem, RESULT_TRY_LATER, "sealing: no memory");
    return open_pool(settings, &pins, sealer_out, problem);
}

void sealer_free(struct sealer *sealer)
{
    if (!sealer)
        return;
    pool_close(&sealer->pool);
    workring_unref(sealer->ring);
    keys_free(sealer->keys);
    pins_clear(&sealer->pins);
    free((char *)(uintptr_t)sealer->settings.program);
    free((char *)(uintptr_t)sealer->settings.gpg);
    free((char *)(uintptr_t)sealer->settings.homedir);
    free((char *)(uintptr_t)sealer->settings.work_directory);
    free((char *)(uintptr_t)sealer->settings.secrets);
    free((char *)(uintptr_t)sealer->signing.homedir);
    free((char *)(uintptr_t)sealer->signing.key);
    (void)pthread_mutex_destroy(&sealer->lock);
    (void)pthread_mutex_destroy(&sealer->refreshing);
    free(sealer);
}

const struct keys *sealer_keys(const struct sealer *sealer)
{
    return sealer->keys;
}
