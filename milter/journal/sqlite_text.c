/* SPDX-License-Identifier: Apache-2.0 */

/* Finding what document a text is, or resembles. */

#include "journal/sqlite_text.h"

#include <stdio.h>
#include <stdlib.h>

enum { SHARE_EXACT = 100 };

bool sqlite_who_has(struct store *store, uint64_t hash, int64_t texts[RESEMBLANCE_COMMON], unsigned *n_out,
                    struct problem *problem)
{
    sqlite3_stmt *have = sqlite_statement(store, SQL_HAVE_SHINGLE, problem);
    int code = SQLITE_ERROR;
    *n_out = 0;
    if (!have)
        return false;
    (void)sqlite3_bind_int64(have, 1, (sqlite3_int64)hash);
    (void)sqlite3_bind_int(have, 2, RESEMBLANCE_COMMON);
    while ((code = sqlite3_step(have)) == SQLITE_ROW)
        texts[(*n_out)++] = sqlite3_column_int64(have, 0);
    (void)sqlite3_reset(have);
    if (code != SQLITE_DONE)
        (void)sqlite_problem(store, code, "looking for a text", problem);
    return code == SQLITE_DONE;
}

enum result sqlite_same_text(struct store *store, const uint8_t tag[DIGEST_BYTES], struct text_match *match,
                             struct problem *problem)
{
    sqlite3_stmt *same = sqlite_statement(store, SQL_SAME_TEXT, problem);
    enum result result = RESULT_NOT_FOUND;
    if (!same)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_blob(same, 1, tag, DIGEST_BYTES, SQLITE_STATIC);
    int code = sqlite3_step(same);
    if (code != SQLITE_ROW)
        result = sqlite_problem(store, code, "looking for a text", problem);
    else if (sqlite3_column_type(same, 0) != SQLITE_NULL) {
        match->by = KNOWN_BY_TEXT;
        match->same = true;
        match->share = SHARE_EXACT;
        match->text = sqlite3_column_int64(same, 0);
        match->origin = sqlite3_column_int64(same, 1);
        result = RESULT_OK;
    }
    (void)sqlite3_reset(same);
    return result;
}

/* RESULT_NOT_FOUND: its rows of shingle have outlived it, or it is damaged. */
static enum result read_remembered(struct store *store, int64_t text, struct remembered *remembered,
                                   int64_t *origin_out, struct problem *problem)
{
    sqlite3_stmt *get = sqlite_statement(store, SQL_GET_TEXT, problem);
    if (!get)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_int64(get, 1, text);
    int code = sqlite3_step(get);
    enum result result = RESULT_NOT_FOUND;
    if (code == SQLITE_ROW) {
        const uint8_t *hashes = sqlite3_column_blob(get, 1), *rare = sqlite3_column_blob(get, 2);
        size_t size = (size_t)sqlite3_column_bytes(get, 1), rare_size = (size_t)sqlite3_column_bytes(get, 2);
        if (remembered_read(hashes, size, rare, rare_size, remembered) == RESULT_OK)
            result = RESULT_OK;
        remembered->sampled = (uint64_t)sqlite3_column_int64(get, 0);
        *origin_out = sqlite3_column_int64(get, 3);
    } else if (code != SQLITE_DONE) {
        result = sqlite_problem(store, code, "reading a text", problem);
    }
    (void)sqlite3_reset(get);
    return result;
}

/* By what few have today, and not only when it was written. */
static enum result check_rare(struct store *store, const struct keyed_sketch *sketch,
                              const struct remembered *remembered, bool *good_out, struct problem *problem)
{
    bool still_rare[REMEMBERED_RARE] = {false};
    int64_t texts[RESEMBLANCE_COMMON];
    for (size_t i = 0; i < remembered->n_rare; i++) {
        unsigned n;
        if (!sqlite_who_has(store, remembered->rare[i], texts, &n, problem))
            return RESULT_TRY_LATER;
        still_rare[i] = n < RESEMBLANCE_COMMON;
    }
    *good_out = resemblance_by_rare(sketch, remembered, still_rare);
    return RESULT_OK;
}

static enum result compare(struct store *store, const struct keyed_sketch *sketch, int64_t text,
                           struct text_match *match, struct problem *problem)
{
    struct remembered remembered;
    struct likeness likeness;
    int64_t origin = 0;
    bool known = false;
    enum result result = read_remembered(store, text, &remembered, &origin, problem);
    if (result != RESULT_OK)
        return result == RESULT_NOT_FOUND ? RESULT_OK : result;
    resemblance_compare(sketch, &remembered, &likeness);
    if (likeness.whole)
        result = check_rare(store, sketch, &remembered, &known, problem);
    bool better = known != (match->by != KNOWN_BY_NOTHING) ? known : likeness.share > match->share;
    if (result == RESULT_OK && better)
        *match = (struct text_match){.by = known ? KNOWN_BY_SKETCH : KNOWN_BY_NOTHING,
                                     .share = likeness.share,
                                     .same = known && likeness.same,
                                     .text = text,
                                     .origin = known ? origin : 0};
    return result;
}

/* From the hash `from` to before `until`; then the documents with the most of them are compared. */
static enum result search(struct store *store, const struct keyed_sketch *sketch, struct tallies *tallies,
                          size_t from, size_t until, struct text_match *match, struct problem *problem)
{
    int64_t texts[RESEMBLANCE_COMMON], best[RESEMBLANCE_BEST];
    for (size_t i = from; i < until; i++) {
        unsigned n;
        if (!sqlite_who_has(store, sketch->hashes[i].keyed, texts, &n, problem) ||
            (n < RESEMBLANCE_COMMON && !tallies_add(tallies, texts, n)))
            return RESULT_TRY_LATER;
    }
    enum result result = RESULT_OK;
    size_t n_best = tallies_best(tallies, best);
    for (size_t i = 0; result == RESULT_OK && i < n_best; i++)
        result = compare(store, sketch, best[i], match, problem);
    return result;
}

static enum result find_like(struct store *store, const struct record_text *text, struct text_match *match,
                             struct problem *problem)
{
    struct keyed_sketch *sketch = malloc(sizeof *sketch);
    struct tallies *tallies = tallies_new();
    enum result result = RESULT_TRY_LATER;
    if (sketch && tallies)
        result = keyed_sketch_read(store->secret, text->sketch, text->sketch_size, sketch);
    size_t from = 0;
    for (unsigned round = 0; result == RESULT_OK && round < RESEMBLANCE_ROUNDS; round++) {
        size_t until = resemblance_probes(sketch, round);
        if (until > from && match->by == KNOWN_BY_NOTHING)
            result = search(store, sketch, tallies, from, until, match, problem);
        from = until;
    }
    tallies_free(tallies);
    free(sketch);
    return result;
}

static enum result name_record(struct store *store, struct text_match *match, struct problem *problem)
{
    sqlite3_stmt *where = sqlite_statement(store, SQL_WHERE_TEXT, problem);
    if (!where)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_int64(where, 1, match->text);
    enum result result = RESULT_TRY_LATER;
    if (sqlite3_step(where) == SQLITE_ROW) {
        const char *reference = (const char *)sqlite3_column_text(where, 0);
        (void)snprintf(match->reference, sizeof match->reference, "%s", reference ? reference : "");
        result = RESULT_OK;
    }
    (void)sqlite3_reset(where);
    return result;
}

static enum result match_text(struct store *store, const struct record_text *text, struct text_match *match)
{
    uint8_t tag[DIGEST_BYTES];
    enum result result = RESULT_NOT_FOUND;
    if (text->sha256) {
        if (keyed_text(store->secret, text->sha256, tag) != RESULT_OK)
            return RESULT_TRY_LATER;
        result = sqlite_same_text(store, tag, match, NULL);
    }
    if (result == RESULT_NOT_FOUND)
        result = text->sketch ? find_like(store, text, match, NULL) : RESULT_OK;
    if (result == RESULT_OK && match->text)
        result = name_record(store, match, NULL);
    return result;
}

/* One transaction for all questions: each of its own would lock and unlock the file, a hundred times, and
 * forget the pages that were read whenever somebody has written in between. */
static bool run(struct store *store, enum statement which)
{
    sqlite3_stmt *statement = sqlite_statement(store, which, NULL);
    return statement && sqlite_run(store, statement, "looking for a text", NULL) == RESULT_OK;
}

/* One that did not end would show the journal as it was. */
static bool begin_reading(struct store *store)
{
    bool ended = sqlite3_get_autocommit(store->db) || run(store, SQL_ROLLBACK);
    return ended && run(store, SQL_BEGIN_READING);
}

void store_match_text(struct store *store, const struct record_text *text, struct text_match *match_out)
{
    *match_out = (struct text_match){.known = FACT_UNKNOWN};
    if (!begin_reading(store))
        return;
    if (match_text(store, text, match_out) != RESULT_OK)
        *match_out = (struct text_match){.known = FACT_UNKNOWN};
    else
        match_out->known = match_out->by != KNOWN_BY_NOTHING ? FACT_YES : FACT_NO;
    if (!run(store, SQL_COMMIT))
        *match_out = (struct text_match){.known = FACT_UNKNOWN};
}
