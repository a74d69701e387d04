/* SPDX-License-Identifier: Apache-2.0 */
#include "config/load.h"
#include "policy/marking_pack.h"

static enum result no_memory(struct problem *problem)
{
    return problem_set(problem, RESULT_TRY_LATER, "markings: no memory to read them");
}

/* Each file is refused with its own name. */
static enum result parse_all(const struct source *sources, const struct fold *fold,
                             struct marking_tables *tables, struct problem *problem)
{
    for (size_t i = 0; i < MARKING_FILES; i++) {
        struct refusal refusal = {0};
        switch (marking_tables_parse(tables, (enum marking_file)i, fold, sources[i].text, sources[i].size,
                                     &refusal)) {
        case POLICY_OK:
            break;
        case POLICY_NO_MEMORY:
            return no_memory(problem);
        case POLICY_REFUSED:
            return source_problem(problem, sources[i].path, refusal.line, "%s", refusal.text);
        }
    }
    return RESULT_OK;
}

enum result load_markings(const struct source *sources, struct inspector_settings *inspector,
                          struct problem *problem)
{
    struct marking_text texts[MARKING_FILES];
    struct marking_tables *tables = marking_tables_new();
    struct fold *fold = NULL;
    size_t fold_size, size;
    void *pack;
    enum result result = RESULT_TRY_LATER;
    if (!tables || fold_make(&fold, &fold_size) != POLICY_OK) {
        result = no_memory(problem);
        goto out;
    }
    result = parse_all(sources, fold, tables, problem);
    if (result != RESULT_OK)
        goto out;
    for (size_t i = 0; i < MARKING_FILES; i++)
        texts[i] = (struct marking_text){sources[i].text, sources[i].size};
    if (marking_pack(fold, fold_size, texts, &pack, &size) != POLICY_OK) {
        result = no_memory(problem);
        goto out;
    }
    inspector->pack = pack;
    inspector->pack_size = size;
    inspector->n_markings = tables->n_markings;
out:
    marking_tables_free(tables);
    fold_free(fold);
    return result;
}
