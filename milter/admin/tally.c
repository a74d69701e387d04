/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/tally.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct tally {
    struct tally_row **rows; /* in order of arrival */
    size_t n, room;
    void *tree;               /* the same rows by name */
    struct tally_row *sorted; /* copies that share the names */
};

static int compare_name(const void *a, const void *b)
{
    return strcmp(((const struct tally_row *)a)->name, ((const struct tally_row *)b)->name);
}

static int compare_count(const void *a, const void *b)
{
    uint64_t left = ((const struct tally_row *)a)->counts[0],
             right = ((const struct tally_row *)b)->counts[0];
    return left == right ? compare_name(a, b) : left < right ? 1 : -1;
}

static void keep(void *row)
{
    (void)row; /* rows are freed from the array */
}

struct tally *tally_new(void)
{
    return calloc(1, sizeof(struct tally));
}

void tally_free(struct tally *tally)
{
    if (!tally)
        return;
    tdestroy(tally->tree, keep);
    for (size_t i = 0; i < tally->n; i++) {
        free(tally->rows[i]->name);
        free(tally->rows[i]);
    }
    free(tally->rows);
    free(tally->sorted);
    free(tally);
}

static struct tally_row *find(const struct tally *tally, const char *name)
{
    char *copy = strdup(name);
    const struct tally_row wanted = {.name = copy};
    struct tally_row *const *found = copy ? tfind(&wanted, &tally->tree, compare_name) : NULL;
    free(copy);
    return found ? *found : NULL;
}

static struct tally_row *add_row(struct tally *tally, const char *name)
{
    if (tally->n == tally->room) {
        size_t room = tally->room ? tally->room * 2 : 32;
        struct tally_row **rows = realloc(tally->rows, room * sizeof *rows);
        if (!rows)
            return NULL;
        tally->rows = rows;
        tally->room = room;
    }
    struct tally_row *row = calloc(1, sizeof *row);
    if (row)
        row->name = strdup(name);
    if (!row || !row->name || !tsearch(row, &tally->tree, compare_name)) {
        if (row)
            free(row->name);
        free(row);
        return NULL;
    }
    tally->rows[tally->n++] = row;
    return row;
}

enum result tally_add(struct tally *tally, const char *name, size_t column)
{
    static const char others[] = "(others)";
    struct tally_row *row = find(tally, name);
    if (!row && tally->n >= TALLY_NAMES_MAX) {
        name = others;
        row = find(tally, name);
    }
    if (!row)
        row = add_row(tally, name);
    if (!row)
        return RESULT_TRY_LATER;
    row->counts[column]++;
    return RESULT_OK;
}

const struct tally_row *tally_rows(struct tally *tally, enum tally_order order, size_t *n_out)
{
    free(tally->sorted);
    tally->sorted = calloc(tally->n + 1, sizeof *tally->sorted);
    *n_out = tally->sorted ? tally->n : 0;
    for (size_t i = 0; i < *n_out; i++)
        tally->sorted[i] = *tally->rows[i];
    if (tally->sorted)
        qsort(tally->sorted, *n_out, sizeof *tally->sorted,
              order == TALLY_BY_NAME ? compare_name : compare_count);
    return tally->sorted;
}
