/* SPDX-License-Identifier: Apache-2.0 */
#include "config/files.h"

#include "config/load.h"
#include "policy/marking_tables.h"

#include <string.h>

/* *at_out: its place. NULL is no path. */
static void add(struct files *files, const char *path, size_t *at_out)
{
    if (!path || files->n == FILES_MAX)
        return;
    *at_out = files->n;
    files->paths[files->n++] = path;
}

static enum result add_markings(struct arena *arena, const char *folder, struct files *files)
{
    size_t ignored;
    enum result result = RESULT_OK;
    for (int i = 0; result == RESULT_OK && i < MARKING_FILES; i++) {
        const char *path = arena_printf(arena, "%s/%s", folder, marking_file_name((enum marking_file)i));
        add(files, path, &ignored);
        result = path ? RESULT_OK : RESULT_TRY_LATER;
    }
    return result;
}

static enum result add_replies(struct arena *arena, const char *folder, const char *language,
                               struct files *files)
{
    size_t ignored;
    const char *path = arena_printf(arena, "%s/%s/replies", folder, language);
    add(files, path, &ignored);
    return path ? RESULT_OK : RESULT_TRY_LATER;
}

static enum result add_named(struct arena *arena, const struct config *config,
                             const struct config_files *named, struct files *files)
{
    const struct registry_settings *registry = &config->registry_file;
    const char *lists = arena_printf(arena, "%s/consumer.domains", named->lists);
    size_t ignored;
    enum result result = lists ? RESULT_OK : RESULT_TRY_LATER;
    add(files, registry->path, &files->registry);
    if (registry->authority) {
        add(files, registry->signature, &files->signature);
        add(files, registry->authority_key, &ignored);
    }
    add(files, named->rules, &ignored);
    add(files, lists, &ignored);
    add(files, named->logins, &ignored);
    add(files, named->tickets, &ignored);
    for (size_t i = 0; i < config->dkim.n_keys; i++)
        add(files, config->dkim.keys[i].file, &ignored);
    if (result == RESULT_OK)
        result = add_markings(arena, named->markings, files);
    /* French stands in where no other language can be written in a reply. */
    if (result == RESULT_OK)
        result = add_replies(arena, named->replies, "fr", files);
    for (size_t i = 0; result == RESULT_OK && config->languages[i]; i++)
        if (strcmp(config->languages[i], "fr") != 0 && strcmp(config->languages[i], "ar") != 0)
            result = add_replies(arena, named->replies, config->languages[i], files);
    return result;
}

enum result files_list(const char *path, struct arena *arena, struct files *files)
{
    struct config config;
    struct config_files named;
    struct source source;
    struct problem problem;
    size_t ignored;
    const char *copy = arena_strdup(arena, path);
    memset(&config, 0, sizeof config);
    *files = (struct files){.registry = FILES_MAX, .signature = FILES_MAX};
    add(files, copy, &ignored);
    config.path = copy;
    enum result result =
        copy ? source_read(arena, copy, SOURCE_SMALL, false, NULL, &source, &problem) : RESULT_TRY_LATER;
    if (result == RESULT_OK)
        result = load_settings(arena, &source, &config, &named, &problem);
    if (result == RESULT_OK)
        result = add_named(arena, &config, &named, files);
    return result == RESULT_TRY_LATER ? RESULT_TRY_LATER : RESULT_OK;
}
