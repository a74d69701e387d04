/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer: one input, every reader of the administrator's files. The first byte chooses the reader; the
 * rest is the file. Nothing may crash, leak or take long; what is refused is refused with one line that has
 * no control bytes. */

#include "base/digest.h"
#include "config/load.h"
#include "config/source.h"
#include "policy/lists.h"
#include "policy/notices.h"
#include "policy/recipient.h"
#include "policy/registry.h"
#include "policy/rules.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { READERS = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_problem(enum result result, const struct problem *problem)
{
    if (result == RESULT_OK)
        return;
    if (!*problem->text || !strchr(problem->text, ':'))
        abort();
    for (const char *c = problem->text; *c; c++)
        if ((unsigned char)*c < 0x20)
            abort();
}

static void try_settings(struct arena *arena, const struct source *source)
{
    struct config config = {0};
    struct config_files files;
    struct problem problem = {""};
    check_problem(load_settings(arena, source, &config, &files, &problem), &problem);
}

static void try_rules(struct arena *arena, const struct source *source)
{
    const struct rules *rules = NULL;
    struct problem problem = {""};
    check_problem(load_rules(arena, source, &rules, &problem), &problem);
    rules_free((struct rules *)(uintptr_t)rules);
}

static void try_registry(struct arena *arena, const struct source *source)
{
    const struct registry *registry = NULL;
    struct problem problem = {""};
    check_problem(load_registry(arena, source, NULL, 1795219200, &registry, &problem), &problem);
    registry_free((struct registry *)(uintptr_t)registry);
}

static void try_lists(const struct source *source)
{
    const struct lists *lists = NULL;
    struct problem problem = {""};
    check_problem(load_lists(source, &lists, &problem), &problem);
    if (lists)
        (void)lists_find_consumer(lists, "a.b.yahoo.co.uk");
    lists_free((struct lists *)(uintptr_t)lists);
}

static void try_notices(const struct source *source)
{
    char out[256];
    struct notices *notices = notices_new();
    if (notices && notices_parse(notices, "fr", source->text, source->size, NULL) == POLICY_OK) {
        const struct notice *notice = notices_find(notices, "fr", "LEVEL");
        if (notice)
            notices_render(notice->what, &(struct notice_fields){.address = source->text}, out, sizeof out);
    }
    notices_free(notices);
}

static void try_recipient(const struct source *source)
{
    static const char *const local[] = {"interieur.gov.example", NULL};
    const struct registry_entry entry = {.domain = "finances.gov.example", .max_level = 3};
    struct registry *registry = registry_new();
    struct lists *lists = lists_new();
    struct recipient recipient;
    if (registry && lists && registry_add(registry, &entry, NULL) == POLICY_OK)
        recipient_classify(source->text, local, registry, lists, 1795219200, &recipient);
    registry_free(registry);
    lists_free(lists);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct arena *arena = arena_new(0);
    char *text = arena ? arena_alloc(arena, size, 1) : NULL;
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    /* source_read refuses NUL bytes before any reader sees them. */
    const struct source source = {.path = "fuzz", .text = text, .size = strlen(text)};
    switch (data[0] % READERS) {
    case 0:
        try_settings(arena, &source);
        break;
    case 1:
        try_rules(arena, &source);
        break;
    case 2:
        try_registry(arena, &source);
        break;
    case 3:
        try_lists(&source);
        break;
    case 4:
        try_notices(&source);
        break;
    default:
        try_recipient(&source);
        break;
    }
    arena_free(arena);
    return 0;
}
