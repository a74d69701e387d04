/* SPDX-License-Identifier: Apache-2.0 */

/* Remembering the texts of administrative documents: one row each, and a few in the index. */

#include "journal/sqlite_text.h"

#include <stdlib.h>

/* How many documents have each of its smallest hashes. */
static enum result count_probes(struct store *store, const struct keyed_sketch *sketch,
                                unsigned counts[REMEMBERED_PROBES], size_t *n_out, struct problem *problem)
{
    int64_t texts[RESEMBLANCE_COMMON];
    size_t n_new = 0, n = 0;
    for (; n < sketch->n && n < REMEMBERED_PROBES && n_new < REMEMBERED_RARE; n++) {
        if (!sqlite_who_has(store, sketch->hashes[n].keyed, texts, &counts[n], problem))
            return RESULT_TRY_LATER;
        if (n && sketch->hashes[n].keyed == sketch->hashes[n - 1].keyed)
            counts[n] = RESEMBLANCE_COMMON;
        n_new += counts[n] == 0;
    }
    *n_out = n;
    return RESULT_OK;
}

/* What makes it this document and not one of many: hashes that no other has. A few that others have go with
 * them, so that what is on every letter of a ministry becomes common, and is known to be. */
static enum result choose_rare(struct store *store, const struct keyed_sketch *sketch,
                               struct remembered *remembered, struct problem *problem)
{
    unsigned counts[REMEMBERED_PROBES];
    size_t n = 0, n_new = 0, n_rare = 0;
    enum result result = count_probes(store, sketch, counts, &n, problem);
    if (result != RESULT_OK)
        return result;
    for (size_t i = 0; i < n; i++) {
        n_new += counts[i] == 0;
        n_rare += counts[i] < RESEMBLANCE_COMMON;
    }
    size_t room = REMEMBERED_RARE < n_rare ? REMEMBERED_RARE : n_rare;
    size_t least_shared = n_rare - n_new < REMEMBERED_SHARED ? n_rare - n_new : REMEMBERED_SHARED;
    size_t most_new = n_new + least_shared > room ? room - least_shared : n_new;
    size_t most_shared = room - most_new;
    for (size_t i = 0; i < n; i++) {
        size_t *left = counts[i] == 0 ? &most_new : &most_shared;
        if (counts[i] >= RESEMBLANCE_COMMON || !*left)
            continue;
        --*left;
        remembered->rare[remembered->n_rare++] = sketch->hashes[i].keyed;
    }
    return RESULT_OK;
}

static enum result remember_sketch(struct store *store, const struct record_text *text,
                                   struct remembered *remembered, struct problem *problem)
{
    struct keyed_sketch *sketch = malloc(sizeof *sketch);
    enum result result = RESULT_TRY_LATER;
    if (sketch)
        result = keyed_sketch_read(store->secret, text->sketch, text->sketch_size, sketch);
    if (result != RESULT_OK)
        result = problem_set(problem, RESULT_TRY_LATER, "journal %s: no memory for a text", store->path);
    else if (sketch->n >= RESEMBLANCE_LEAST) {
        remember(sketch, remembered);
        result = choose_rare(store, sketch, remembered, problem);
    }
    free(sketch);
    return result;
}

static enum result add_shingles(struct store *store, sqlite3_int64 id, const struct remembered *remembered,
                                struct problem *problem)
{
    enum result result = RESULT_OK;
    for (size_t i = 0; result == RESULT_OK && i < remembered->n_rare; i++) {
        sqlite3_stmt *add = sqlite_statement(store, SQL_ADD_SHINGLE, problem);
        if (!add)
            return RESULT_TRY_LATER;
        (void)sqlite3_bind_int64(add, 1, (sqlite3_int64)remembered->rare[i]);
        (void)sqlite3_bind_int64(add, 2, id);
        result = sqlite_run(store, add, "writing a text", problem);
    }
    return result;
}

static void bind_remembered(sqlite3_stmt *add, const struct remembered *remembered)
{
    uint8_t hashes[REMEMBERED_BYTES], rare[REMEMBERED_RARE * SKETCH_HASH_SIZE];
    size_t size = remembered_write(remembered, hashes, rare);
    (void)sqlite3_bind_int64(add, 7, (sqlite3_int64)remembered->sampled);
    (void)sqlite3_bind_blob(add, 8, hashes, (int)size, SQLITE_TRANSIENT);
    (void)sqlite3_bind_blob(add, 9, rare, (int)(remembered->n_rare * SKETCH_HASH_SIZE), SQLITE_TRANSIENT);
}

struct new_text {
    uint64_t sequence;
    size_t number;
    bool administrative;
    const uint8_t *tag; /* NULL: none */
    struct text_match match;
    struct remembered remembered; /* n_rare 0: it is remembered by its tag alone */
};

static enum result add_row(struct store *store, const struct new_text *new, struct problem *problem)
{
    sqlite3_stmt *add = sqlite_statement(store, SQL_ADD_TEXT, problem);
    if (!add)
        return RESULT_TRY_LATER;
    if (new->tag)
        (void)sqlite3_bind_blob(add, 1, new->tag, DIGEST_BYTES, SQLITE_STATIC);
    (void)sqlite3_bind_int64(add, 2, (sqlite3_int64) new->sequence);
    (void)sqlite3_bind_int64(add, 3, (sqlite3_int64) new->number);
    (void)sqlite3_bind_int(add, 4, new->administrative);
    (void)sqlite3_bind_int64(add, 5, new->match.origin);
    (void)sqlite3_bind_int(add, 6, (int)new->match.share);
    if (new->remembered.n_rare)
        bind_remembered(add, &new->remembered);
    enum result result = sqlite_run(store, add, "writing a text", problem);
    sqlite3_int64 id = sqlite3_last_insert_rowid(store->db);
    if (result == RESULT_OK && !new->match.origin) {
        sqlite3_stmt *set = sqlite_statement(store, SQL_SET_ORIGIN, problem);
        if (!set)
            return RESULT_TRY_LATER;
        (void)sqlite3_bind_int64(set, 1, id);
        result = sqlite_run(store, set, "writing a text", problem);
    }
    return result == RESULT_OK ? add_shingles(store, id, &new->remembered, problem) : result;
}

/* A text that comes again, or hardly changed, is found by the first's hashes; more copies of them would only
 * make these common. */
enum result sqlite_add_text(struct store *store, uint64_t sequence, size_t number, bool administrative,
                            const struct record_text *text, struct problem *problem)
{
    uint8_t tag[DIGEST_BYTES];
    struct new_text new = {
        .sequence = sequence, .number = number, .administrative = administrative, .match = text->match};
    enum result result = RESULT_NOT_FOUND;
    if (text->sha256) {
        new.tag = tag;
        if (keyed_text(store->secret, text->sha256, tag) != RESULT_OK)
            return problem_set(problem, RESULT_TRY_LATER, "journal %s: OpenSSL fails", store->path);
        result = sqlite_same_text(store, tag, &new.match, problem);
    }
    if (result == RESULT_NOT_FOUND) {
        result = RESULT_OK;
        if (text->sketch && !text->exact_only && administrative && !new.match.same)
            result = remember_sketch(store, text, &new.remembered, problem);
    }
    return result == RESULT_OK ? add_row(store, &new, problem) : result;
}
