/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/scratch.h"

#include "seal/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum result scratch_make(struct scratch *scratch, struct problem *problem)
{
    static const char *const places[] = {"/dev/shm", "/run", "/tmp"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        (void)snprintf(scratch->path, sizeof scratch->path, "%s/khatm-XXXXXX", places[i]);
        if (!mkdtemp(scratch->path))
            continue;
        (void)snprintf(scratch->work, sizeof scratch->work, "%s/work", scratch->path);
        return RESULT_OK;
    }
    *scratch = (struct scratch){.path = ""};
    return problem_set(problem, RESULT_TRY_LATER,
                       "no private directory can be made in /dev/shm, /run or /tmp: free some room");
}

void scratch_remove(const struct scratch *scratch)
{
    if (!*scratch->path)
        return;
    (void)rmdir(scratch->work);
    (void)rmdir(scratch->path);
}

enum result scratch_load(struct scratch *scratch, const char *path, const struct config **config_out,
                         struct problem *problem)
{
    *config_out = NULL;
    enum result result = scratch_make(scratch, problem);
    if (result != RESULT_OK)
        return result;
    const struct config_trust trust = {.verify = seal_verify_registry,
                                       .work_directory = scratch->work,
                                       .falls_back = true,
                                       .is_guest = true};
    result = config_load_trusted(path, &trust, config_out, problem);
    if (result == RESULT_OK && config_use_scratch(*config_out, scratch->path) != RESULT_OK) {
        config_unref(*config_out);
        *config_out = NULL;
        result = problem_set(problem, RESULT_TRY_LATER, "no memory");
    }
    if (result != RESULT_OK) {
        scratch_remove(scratch);
        *scratch = (struct scratch){.path = ""};
    }
    return result;
}
