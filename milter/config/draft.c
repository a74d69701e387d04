/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "config/config.h"
#include "config/load.h"
#include "policy/lists.h"
#include "policy/registry.h"

static enum result read_consumers(struct arena *arena, const char *path, const struct lists **lists_out,
                                  struct problem *problem)
{
    struct source source;
    if (!path)
        return RESULT_OK;
    enum result result = source_read(arena, path, SOURCE_LARGE, false, NULL, &source, problem);
    return result == RESULT_OK ? load_lists(&source, lists_out, problem) : result;
}

enum result config_read_draft(const char *path, const char *consumers, struct registry_draft *draft_out,
                              struct problem *problem)
{
    struct source source;
    const struct lists *lists = NULL;
    *draft_out = (struct registry_draft){.arena = arena_new(0)};
    if (!draft_out->arena)
        return problem_set(problem, RESULT_TRY_LATER, "%s: no memory to read it", path);
    enum result result = read_consumers(draft_out->arena, consumers, &lists, problem);
    if (result == RESULT_OK)
        result = source_read(draft_out->arena, path, SOURCE_LARGE, false, NULL, &source, problem);
    if (result == RESULT_OK)
        result = load_registry(draft_out->arena, &source, lists, clock_wall_ms() / 1000, &draft_out->registry,
                               problem);
    lists_free((struct lists *)(uintptr_t)lists);
    if (result != RESULT_OK) {
        config_free_draft(draft_out);
        return result;
    }
    draft_out->text = source.text;
    draft_out->size = source.size;
    return result;
}

void config_free_draft(struct registry_draft *draft)
{
    registry_free((struct registry *)(uintptr_t)draft->registry);
    arena_free(draft->arena);
    *draft = (struct registry_draft){.registry = NULL};
}
