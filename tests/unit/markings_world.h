/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_MARKINGS_WORLD_H
#define KHATM_TESTS_MARKINGS_WORLD_H

/* The shipped files of policy/markings, packed and unpacked as on their way from khatmd to its helpers. */

#include "policy/marking_pack.h"

#include <stdio.h>
#include <stdlib.h>

enum { MARKINGS_FILE_MAX = 256 * 1024 };

struct markings_world {
    void *bytes;
    size_t size;
    const struct fold *fold;
    struct marking_tables *tables;
};

static inline char *markings_read(enum marking_file file, size_t *size_out)
{
    char path[1024], *text = malloc(MARKINGS_FILE_MAX);
    (void)snprintf(path, sizeof path, "%s/policy/markings/%s", KHATM_SOURCE_DIR, marking_file_name(file));
    FILE *stream = fopen(path, "r");
    if (!stream || !text)
        exit(1);
    *size_out = fread(text, 1, MARKINGS_FILE_MAX, stream);
    (void)fclose(stream);
    return text;
}

/* Exits with a line when something is wrong with them. */
static inline void markings_world_open(struct markings_world *world)
{
    struct marking_text texts[MARKING_FILES];
    char *owned[MARKING_FILES];
    struct marking_tables *tables = marking_tables_new();
    struct fold *fold = NULL;
    struct refusal refusal = {0};
    size_t fold_size = 0;
    if (!tables || fold_make(&fold, &fold_size) != POLICY_OK)
        exit(1);
    for (size_t i = 0; i < MARKING_FILES; i++) {
        enum marking_file file = (enum marking_file)i;
        owned[i] = markings_read(file, &texts[i].size);
        texts[i].text = owned[i];
        if (marking_tables_parse(tables, file, fold, owned[i], texts[i].size, &refusal) != POLICY_OK) {
            (void)fprintf(stderr, "%s:%u: %s\n", marking_file_name(file), refusal.line, refusal.text);
            exit(1);
        }
    }
    marking_tables_free(tables);
    if (marking_pack(fold, fold_size, texts, &world->bytes, &world->size) != POLICY_OK ||
        !marking_unpack(world->bytes, world->size, &world->fold, &world->tables))
        exit(1);
    fold_free(fold);
    for (size_t i = 0; i < MARKING_FILES; i++)
        free(owned[i]);
}

static inline void markings_world_close(struct markings_world *world)
{
    marking_tables_free(world->tables);
    free(world->bytes);
}

#endif
