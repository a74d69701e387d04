/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/check.h"

#include "base/clock.h"
#include "config/source.h"
#include "seal/client.h"
#include "seal/workring.h"

#include <stdlib.h>

enum { CHECK_MS = 30 * 1000 };

static enum result ask(const struct sealing_settings *settings, const char *ring,
                       const struct seal_claim *claim, struct seal_checked *checked_out,
                       struct problem *problem)
{
    const char *const argv[] = {settings->program, settings->gpg, ring, NULL};
    struct helper_process process = {.control = -1};
    struct wire_frame *frame = malloc(sizeof *frame);
    if (!frame)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    enum result result = helper_start(&process, argv, problem);
    if (result == RESULT_OK)
        result = client_check(&process, frame, claim, clock_wall_ms() / 1000, clock_monotonic_ms() + CHECK_MS,
                              checked_out, problem);
    helper_kill(&process);
    free(frame);
    return result;
}

enum result seal_check(const struct sealing_settings *settings, const char *work_directory,
                       const struct seal_claim *claim, struct seal_checked *checked_out,
                       struct problem *problem)
{
    char ring[SEAL_PATH_MAX + 1] = "";
    int lock = -1;
    *checked_out = (struct seal_checked){0};
    enum result result = workring_prepare(work_directory, problem);
    if (result == RESULT_OK)
        result = workring_make_directory(work_directory, ring, &lock, problem);
    if (result == RESULT_OK)
        result = ask(settings, ring, claim, checked_out, problem);
    workring_remove(ring, &lock);
    return result;
}

enum result seal_verify_registry(const struct config_trust *trust, const struct config *config,
                                 const struct registry_claim *claim, struct signature_times *times_out,
                                 struct problem *problem)
{
    struct seal_checked checked;
    struct problem why = {""};
    const char *work = trust->work_directory ? trust->work_directory : config->sealing.work_directory;
    const struct seal_claim bytes = {.data = claim->registry->text,
                                     .data_size = claim->registry->size,
                                     .signature = claim->signature->text,
                                     .signature_size = claim->signature->size,
                                     .key = claim->key->text,
                                     .key_size = claim->key->size,
                                     .fingerprint = claim->authority};
    enum result result = seal_check(&config->sealing, work, &bytes, &checked, &why);
    *times_out = (struct signature_times){checked.created, checked.expires, checked.key_expires};
    if (result == RESULT_OK)
        return result;
    if (result != RESULT_BAD_INPUT)
        return problem_set(problem, result, "%s: cannot be verified now: %s", claim->registry->path,
                           why.text);
    return problem_set(problem, result, "%s: %s",
                       checked.about_key ? claim->key->path : claim->signature->path, why.text);
}
