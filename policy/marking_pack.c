/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/marking_pack.h"

#include <stdlib.h>
#include <string.h>

/* A head, the fold table, the texts one after the other. */
struct head {
    uint64_t fold_size, text_sizes[MARKING_FILES];
};

enum policy_status marking_pack(const struct fold *fold, size_t fold_size,
                                const struct marking_text texts[MARKING_FILES], void **bytes_out,
                                size_t *size_out)
{
    struct head head = {.fold_size = fold_size};
    size_t size = sizeof head + fold_size;
    for (size_t i = 0; i < MARKING_FILES; i++) {
        head.text_sizes[i] = texts[i].size;
        size += texts[i].size;
    }
    char *bytes = size <= MARKING_PACK_MAX ? malloc(size) : NULL;
    if (!bytes)
        return POLICY_NO_MEMORY;
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, fold, fold_size);
    char *at = bytes + sizeof head + fold_size;
    for (size_t i = 0; i < MARKING_FILES; i++) {
        memcpy(at, texts[i].text, texts[i].size);
        at += texts[i].size;
    }
    *bytes_out = bytes;
    *size_out = size;
    return POLICY_OK;
}

static bool sizes_are_good(const struct head *head, size_t size)
{
    size_t left = size - sizeof *head;
    if (head->fold_size > left)
        return false;
    left -= head->fold_size;
    for (size_t i = 0; i < MARKING_FILES; i++) {
        if (head->text_sizes[i] > left)
            return false;
        left -= head->text_sizes[i];
    }
    return left == 0;
}

bool marking_unpack(const void *bytes, size_t size, const struct fold **fold_out,
                    struct marking_tables **tables_out)
{
    const struct head *head = bytes;
    if (size < sizeof *head || !sizes_are_good(head, size) ||
        !fold_is_good((const char *)bytes + sizeof *head, head->fold_size))
        return false;
    const struct fold *fold = (const void *)((const char *)bytes + sizeof *head);
    const char *text = (const char *)bytes + sizeof *head + head->fold_size;
    struct marking_tables *tables = marking_tables_new();
    for (size_t i = 0; tables && i < MARKING_FILES; i++) {
        if (marking_tables_parse(tables, (enum marking_file)i, fold, text, head->text_sizes[i], NULL) !=
            POLICY_OK) {
            marking_tables_free(tables);
            tables = NULL;
        } else
            text += head->text_sizes[i];
    }
    *fold_out = fold;
    *tables_out = tables;
    return tables != NULL;
}
