/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/sqlite.h"

#include "base/buffer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The side table's rows of one record, sorted by field. The array is used again for the next record. */
struct kept {
    struct arena *arena;
    struct identity *identities;
    size_t n, room;
};

static int compare_field(const void *a, const void *b)
{
    return strcmp(((const struct identity *)a)->field, ((const struct identity *)b)->field);
}

/* leaf_lookup: a value counts only when it opens the leaf's commitment. */
static const char *kept_value(void *context, const char *field, const uint8_t commitment[DIGEST_BYTES])
{
    const struct kept *kept = context;
    const struct identity wanted = {.field = field};
    uint8_t actual[DIGEST_BYTES];
    const struct identity *found =
        kept->n ? bsearch(&wanted, kept->identities, kept->n, sizeof wanted, compare_field) : NULL;
    if (!found)
        return journal_erased;
    if (!found->value || identity_commit(found, actual) != RESULT_OK ||
        memcmp(actual, commitment, sizeof actual) != 0)
        return journal_damaged;
    return found->value;
}

static bool make_room(struct kept *kept)
{
    if (kept->n < kept->room)
        return true;
    size_t room = kept->room ? kept->room * 2 : 16;
    struct identity *identities = realloc(kept->identities, room * sizeof *identities);
    if (!identities)
        return false;
    kept->identities = identities;
    kept->room = room;
    return true;
}

static bool keep_row(struct kept *kept, sqlite3_stmt *row, const uint8_t *leaf_hash)
{
    const char *field = arena_strdup(kept->arena, (const char *)sqlite3_column_text(row, 0));
    if (!field || !make_room(kept))
        return false;
    struct identity *identity = &kept->identities[kept->n++];
    *identity = (struct identity){.field = field};
    const void *nonce = sqlite3_column_blob(row, 1), *box = sqlite3_column_blob(row, 2),
               *key = sqlite3_column_blob(row, 3);
    size_t size = (size_t)sqlite3_column_bytes(row, 2);
    bool whole = nonce && box && key && sqlite3_column_bytes(row, 1) == IDENTITY_NONCE_BYTES &&
                 sqlite3_column_bytes(row, 3) == IDENTITY_KEY_BYTES;
    if (!whole || identity_unseal(kept->arena, key, leaf_hash, nonce, box, size, identity) != RESULT_OK)
        identity->value = NULL;
    return true;
}

static enum result read_identities(struct store *store, sqlite3_int64 sequence, const uint8_t *leaf_hash,
                                   struct kept *kept, struct problem *problem)
{
    sqlite3_stmt *rows = sqlite_statement(store, SQL_GET_IDENTITIES, problem);
    if (!rows)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_int64(rows, 1, sequence);
    kept->n = 0;
    int code;
    while ((code = sqlite3_step(rows)) == SQLITE_ROW)
        if (!keep_row(kept, rows, leaf_hash)) {
            code = SQLITE_NOMEM;
            break;
        }
    (void)sqlite3_reset(rows);
    return code == SQLITE_DONE ? RESULT_OK : sqlite_problem(store, code, "reading identities", problem);
}

/* Columns: sequence, leaf, leaf_hash, state, settled_by */
static enum result read_record(struct store *store, sqlite3_stmt *row, struct kept *kept,
                               struct record *record, struct problem *problem)
{
    sqlite3_int64 sequence = sqlite3_column_int64(row, 0);
    const char *line = (const char *)sqlite3_column_text(row, 1);
    const uint8_t *hash = sqlite3_column_blob(row, 2);
    if (!line || !hash || sqlite3_column_bytes(row, 2) != DIGEST_BYTES)
        return sqlite_problem(store, SQLITE_CORRUPT, "reading a record", problem);
    enum result result = read_identities(store, sequence, hash, kept, problem);
    if (result != RESULT_OK)
        return result;
    result = leaf_parse(kept->arena, line, (size_t)sqlite3_column_bytes(row, 1), kept_value, kept, record);
    if (result != RESULT_OK)
        return problem_set(
            problem, RESULT_UNCERTAIN,
            "journal %s: record %lld cannot be read: it was changed, or a newer Khatm wrote it", store->path,
            (long long)sequence);
    int state = sqlite3_column_int(row, 3);
    record->sequence = (uint64_t)sequence;
    record->reply = state == REPLY_SENT ? REPLY_SENT : state == REPLY_NEVER ? REPLY_NEVER : REPLY_UNKNOWN;
    record->settled = sqlite3_column_type(row, 4) != SQLITE_NULL;
    return RESULT_OK;
}

/* One condition of a query: its text, and the value bound to it under its number. */
struct condition {
    const char *sql;
    enum { BY_TEXT, BY_DIGEST, BY_INDEX, BY_TIME } how;
    enum identity_kind kind;
    const char *text;
    int64_t time_ms;
};
enum { CONDITIONS = 7 };

static void list_conditions(const struct journal_query *query, struct condition conditions[CONDITIONS])
{
    static const char by_tag[] = " AND r.sequence IN (SELECT sequence FROM identity WHERE tag = ?)";
    const struct condition all[CONDITIONS] = {
        {.sql = " AND r.reference = ?", .how = BY_TEXT, .text = query->reference},
        {.sql = " AND r.sequence IN (SELECT sequence FROM document WHERE sha256 = ?)",
         .how = BY_DIGEST,
         .text = query->sha256},
        {.sql = " AND r.sequence IN (SELECT sequence FROM document_number WHERE number = ?)",
         .how = BY_TEXT,
         .text = query->reference_number},
        {.sql = by_tag, .how = BY_INDEX, .kind = IDENTITY_MESSAGE_ID, .text = query->message_id},
        {.sql = by_tag, .how = BY_INDEX, .kind = IDENTITY_PERSON, .text = query->person},
        {.sql = " AND r.time_ms >= ?", .how = BY_TIME, .time_ms = query->from_ms},
        {.sql = " AND r.time_ms < ?", .how = BY_TIME, .time_ms = query->until_ms},
    };
    memcpy(conditions, all, sizeof all);
}

static bool is_set(const struct condition *condition)
{
    return condition->how == BY_TIME ? condition->time_ms != 0 : condition->text != NULL;
}

static enum result bind_index(struct store *store, sqlite3_stmt *statement, int number,
                              const struct condition *condition)
{
    uint8_t index[DIGEST_BYTES];
    struct arena *arena = arena_new(0);
    const char *normalised = arena ? identity_normalise(arena, condition->kind, condition->text) : NULL;
    enum result result = RESULT_TRY_LATER;
    if (normalised)
        result = identity_index(store->secret, condition->kind, normalised, index);
    arena_free(arena);
    if (result == RESULT_OK)
        (void)sqlite3_bind_blob(statement, number, index, sizeof index, SQLITE_TRANSIENT);
    return result;
}

static enum result bind_condition(struct store *store, sqlite3_stmt *statement, int number,
                                  const struct condition *condition, struct problem *problem)
{
    uint8_t digest[DIGEST_BYTES];
    switch (condition->how) {
    case BY_TEXT:
        (void)sqlite3_bind_text(statement, number, condition->text, -1, SQLITE_TRANSIENT);
        return RESULT_OK;
    case BY_DIGEST:
        if (hex_decode(condition->text, digest, sizeof digest) != RESULT_OK)
            return problem_set(problem, RESULT_BAD_INPUT, "'%s' is not a SHA-256: give 64 hexadecimal digits",
                               condition->text);
        (void)sqlite3_bind_blob(statement, number, digest, sizeof digest, SQLITE_TRANSIENT);
        return RESULT_OK;
    case BY_INDEX:
        return bind_index(store, statement, number, condition);
    case BY_TIME:
        (void)sqlite3_bind_int64(statement, number, condition->time_ms);
        return RESULT_OK;
    }
    return RESULT_BUG;
}

static void put_any_sha256(struct buffer *text, const struct journal_query *query)
{
    buffer_puts(text, " AND (r.sequence IN (SELECT sequence FROM document WHERE sha256 IN (NULL");
    for (const char *const *any = query->any_sha256; *any; any++)
        buffer_puts(text, ", ?");
    buffer_puts(text, "))");
    if (query->kin_of)
        buffer_puts(text, " OR r.sequence IN (SELECT kin.sequence FROM text JOIN text AS kin USING (origin)"
                          " WHERE text.sequence = ?)");
    buffer_puts(text, ")");
}

static enum result bind_query(struct store *store, const struct journal_query *query,
                              const struct condition *conditions, sqlite3_stmt *statement,
                              struct problem *problem)
{
    enum result result = RESULT_OK;
    int number = 0;
    for (size_t i = 0; result == RESULT_OK && i < CONDITIONS; i++)
        if (is_set(&conditions[i]))
            result = bind_condition(store, statement, ++number, &conditions[i], problem);
    for (const char *const *any = query->any_sha256; result == RESULT_OK && any && *any; any++) {
        const struct condition digest = {.how = BY_DIGEST, .text = *any};
        result = bind_condition(store, statement, ++number, &digest, problem);
    }
    if (result == RESULT_OK && query->any_sha256 && query->kin_of)
        (void)sqlite3_bind_int64(statement, ++number, (sqlite3_int64)*query->kin_of);
    return result;
}

static enum result prepare_query(struct store *store, const struct journal_query *query,
                                 sqlite3_stmt **statement_out, struct problem *problem)
{
    struct condition conditions[CONDITIONS];
    list_conditions(query, conditions);
    struct buffer text;
    buffer_init(&text, 0);
    buffer_puts(&text, "SELECT r.sequence, r.leaf, r.leaf_hash, p.state, p.settled_by FROM record r"
                       " LEFT JOIN reply p ON p.sequence = r.sequence WHERE r.reference IS NOT NULL");
    for (size_t i = 0; i < CONDITIONS; i++)
        if (is_set(&conditions[i]))
            buffer_puts(&text, conditions[i].sql);
    if (query->any_sha256)
        put_any_sha256(&text, query);
    buffer_puts(&text, " ORDER BY r.sequence");
    int code =
        text.failed ? SQLITE_NOMEM : sqlite3_prepare_v2(store->db, text.bytes, -1, statement_out, NULL);
    buffer_free(&text);
    if (code != SQLITE_OK)
        return sqlite_problem(store, code, "searching", problem);
    return bind_query(store, query, conditions, *statement_out, problem);
}

enum result store_find(struct store *store, const struct journal_query *query,
                       int (*visit)(const struct record *record, void *context), void *context,
                       struct problem *problem)
{
    sqlite3_stmt *rows = NULL;
    struct kept kept = {0};
    bool stop = false;
    enum result result = prepare_query(store, query, &rows, problem);
    int code = SQLITE_DONE;
    /* While this statement is open sqlite keeps one view of the store, for the rows of the side table too. */
    while (result == RESULT_OK && !stop && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        struct record record;
        kept.arena = arena_new(0);
        result = kept.arena ? read_record(store, rows, &kept, &record, problem)
                            : sqlite_problem(store, SQLITE_NOMEM, "reading", problem);
        if (result == RESULT_OK)
            stop = visit(&record, context) != 0;
        arena_free(kept.arena);
    }
    if (result == RESULT_OK && !stop && code != SQLITE_DONE)
        result = sqlite_problem(store, code, "reading", problem);
    free(kept.identities);
    (void)sqlite3_finalize(rows);
    return result;
}

enum fact store_knows(struct store *store, const uint8_t sha256[DIGEST_BYTES],
                      char reference[REFERENCE_BYTES])
{
    sqlite3_stmt *knows = sqlite_statement(store, SQL_KNOWS, NULL);
    if (!knows)
        return FACT_UNKNOWN;
    (void)sqlite3_bind_blob(knows, 1, sha256, DIGEST_BYTES, SQLITE_STATIC);
    int code = sqlite3_step(knows);
    const char *of = code == SQLITE_ROW ? (const char *)sqlite3_column_text(knows, 0) : NULL;
    if (reference)
        (void)snprintf(reference, REFERENCE_BYTES, "%s", of ? of : "");
    (void)sqlite3_reset(knows);
    return code == SQLITE_ROW ? FACT_YES : code == SQLITE_DONE ? FACT_NO : FACT_UNKNOWN;
}

static void add_gap(struct journal_coverage *coverage, uint64_t first, uint64_t last)
{
    coverage->n_missing += last - first + 1;
    if (coverage->n_gaps < JOURNAL_GAPS_MAX)
        coverage->gaps[coverage->n_gaps++] = (struct journal_gap){first, last};
}

static enum result find_gaps(struct store *store, struct journal_coverage *coverage, struct problem *problem)
{
    uint64_t n_range = coverage->last - coverage->first + 1, expected = coverage->first;
    if (coverage->n_leaves == n_range)
        return RESULT_OK;
    sqlite3_stmt *list = sqlite_statement(store, SQL_LIST_RANGE, problem);
    if (!list)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_int64(list, 1, (sqlite3_int64)coverage->first);
    (void)sqlite3_bind_int64(list, 2, (sqlite3_int64)coverage->last);
    int code;
    while ((code = sqlite3_step(list)) == SQLITE_ROW) {
        uint64_t sequence = (uint64_t)sqlite3_column_int64(list, 0);
        if (sequence > expected)
            add_gap(coverage, expected, sequence - 1);
        expected = sequence + 1;
    }
    (void)sqlite3_reset(list);
    return code == SQLITE_DONE ? RESULT_OK : sqlite_problem(store, code, "counting", problem);
}

enum result store_cover(struct store *store, int64_t from_ms, int64_t until_ms,
                        struct journal_coverage *coverage_out, struct problem *problem)
{
    *coverage_out = (struct journal_coverage){0};
    sqlite3_stmt *cover = sqlite_statement(store, SQL_COVER, problem);
    if (!cover)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_int64(cover, 1, from_ms ? from_ms : INT64_MIN);
    (void)sqlite3_bind_int64(cover, 2, until_ms ? until_ms : INT64_MAX);
    int code = sqlite3_step(cover);
    if (code == SQLITE_ROW)
        *coverage_out = (struct journal_coverage){.n_leaves = (uint64_t)sqlite3_column_int64(cover, 0),
                                                  .first = (uint64_t)sqlite3_column_int64(cover, 1),
                                                  .last = (uint64_t)sqlite3_column_int64(cover, 2),
                                                  .first_ms = sqlite3_column_int64(cover, 3),
                                                  .last_ms = sqlite3_column_int64(cover, 4)};
    (void)sqlite3_reset(cover);
    if (code != SQLITE_ROW)
        return sqlite_problem(store, code, "counting", problem);
    if (!coverage_out->n_leaves)
        return problem_set(problem, RESULT_NOT_FOUND, "journal %s: no record in this period", store->path);
    if (!from_ms && coverage_out->first)
        add_gap(coverage_out, 0, coverage_out->first - 1);
    return find_gaps(store, coverage_out, problem);
}
