/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/candidate.h"

#include "base/clock.h"
#include "seal/client.h"
#include "seal/pins.h"
#include "seal/workring.h"

#include <stdlib.h>
#include <string.h>

enum { TAKE_MS = 60 * 1000 };

struct candidate {
    const struct sealing_settings *settings;
    char ring[SEAL_PATH_MAX + 1], fingerprint[FINGERPRINT_HEX];
    int lock;
    struct helper_process process;
    struct wire_frame *frame;
    struct pins pins;
    struct key_table *keys; /* that one, certifiers, and whom they certified */
};

static enum result read_in(struct candidate *candidate, const char *bytes, size_t size,
                           struct problem *problem)
{
    const struct sealing_settings *settings = candidate->settings;
    const char *const argv[] = {settings->program, settings->gpg, candidate->ring, NULL};
    const struct client_ring ring = pins_ring(&candidate->pins, settings);
    int64_t deadline_ms = clock_monotonic_ms() + TAKE_MS;
    enum result result = workring_prepare(settings->work_directory, problem);
    if (result == RESULT_OK)
        result =
            workring_make_directory(settings->work_directory, candidate->ring, &candidate->lock, problem);
    if (result == RESULT_OK)
        result = helper_start(&candidate->process, argv, problem);
    if (result == RESULT_OK)
        result = client_read_key(&candidate->process, candidate->frame, &ring, bytes, size, deadline_ms,
                                 candidate->fingerprint, problem);
    if (result == RESULT_OK)
        result = client_list(&candidate->process, candidate->frame, candidate->keys, SIZE_MAX, deadline_ms,
                             problem);
    return result;
}

enum result candidate_open(const struct sealing_settings *settings, const struct registry *registry,
                           const char *bytes, size_t size, struct candidate **candidate_out,
                           struct problem *problem)
{
    struct candidate *candidate = calloc(1, sizeof *candidate);
    if (!candidate)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    candidate->settings = settings;
    candidate->lock = candidate->process.control = -1;
    candidate->frame = malloc(sizeof *candidate->frame);
    candidate->keys = key_table_new(settings->rsa_min_bits);
    enum result result = candidate->frame && candidate->keys && pins_of(&candidate->pins, registry, false)
                             ? read_in(candidate, bytes, size, problem)
                             : problem_set(problem, RESULT_TRY_LATER, "no memory");
    if (result != RESULT_OK) {
        candidate_free(candidate);
        return result;
    }
    *candidate_out = candidate;
    return RESULT_OK;
}

void candidate_free(struct candidate *candidate)
{
    if (!candidate)
        return;
    helper_kill(&candidate->process);
    workring_remove(candidate->ring, &candidate->lock);
    key_table_unref(candidate->keys);
    pins_clear(&candidate->pins);
    free(candidate->frame);
    free(candidate);
}

const char *candidate_fingerprint(const struct candidate *candidate)
{
    return candidate->fingerprint;
}

struct filter {
    const char *fingerprint;
    void (*visit)(void *context, const char *address, const char *certifier, const struct key_info *info);
    void *context;
};

/* The ring holds other keys, too. */
static void visit_own(void *context, const char *address, const char *certifier, const struct key_info *info)
{
    const struct filter *filter = context;
    if (strcmp(info->fingerprint, filter->fingerprint) == 0)
        filter->visit(filter->context, address, certifier, info);
}

void candidate_each_person(const struct candidate *candidate, int64_t now,
                           void (*visit)(void *context, const char *address, const char *certifier,
                                         const struct key_info *info),
                           void *context)
{
    struct filter filter = {candidate->fingerprint, visit, context};
    key_table_each_person(candidate->keys, now, visit_own, &filter);
}

enum result candidate_take(struct candidate *candidate, struct problem *problem)
{
    return client_take_key(&candidate->process, candidate->frame, candidate->settings->homedir,
                           candidate->fingerprint, clock_monotonic_ms() + TAKE_MS, problem);
}
