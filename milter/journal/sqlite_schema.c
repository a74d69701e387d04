/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/sqlite.h"

#include <string.h>

/* docs/journal-format.md says what each is for. application_id is "KHTM". */
static const char schema[] =
    "PRAGMA application_id = 0x4b48544d;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE record(sequence INTEGER PRIMARY KEY, reference TEXT UNIQUE, time_ms INTEGER NOT NULL,"
    " leaf TEXT NOT NULL, leaf_hash BLOB NOT NULL);"
    "CREATE INDEX record_time ON record(time_ms);"
    "CREATE TABLE reply(sequence INTEGER PRIMARY KEY, state INTEGER NOT NULL, settled_by INTEGER);"
    "CREATE INDEX reply_open ON reply(sequence) WHERE state = 0 AND settled_by IS NULL;"
    "CREATE TABLE identity_key(id INTEGER PRIMARY KEY AUTOINCREMENT, person BLOB NOT NULL, month TEXT NOT "
    "NULL,"
    " key BLOB NOT NULL, UNIQUE(person, month));"
    "CREATE TABLE identity(sequence INTEGER NOT NULL, field TEXT NOT NULL, key_id INTEGER NOT NULL,"
    " nonce BLOB NOT NULL, box BLOB NOT NULL, tag BLOB, PRIMARY KEY(sequence, field)) WITHOUT ROWID;"
    "CREATE INDEX identity_tag ON identity(tag) WHERE tag IS NOT NULL;"
    "CREATE INDEX identity_by_key ON identity(key_id);"
    /* A trigger and not a foreign key: those are off in every connection that does not ask for them. */
    "CREATE TRIGGER identity_erased AFTER DELETE ON identity_key BEGIN"
    " DELETE FROM identity WHERE key_id = old.id; END;"
    "CREATE TABLE document(sha256 BLOB NOT NULL, sequence INTEGER NOT NULL, administrative INTEGER NOT NULL,"
    " PRIMARY KEY(sha256, sequence)) WITHOUT ROWID;";

/* What journals got later: a store without it gets it, empty, when the daemon opens it. Older programs do not
 * look at it. */
static const char additions[] =
    "CREATE TABLE IF NOT EXISTS document_number(number TEXT NOT NULL, sequence INTEGER NOT NULL,"
    " PRIMARY KEY(number, sequence)) WITHOUT ROWID;"
    /* Numbers of texts are never used again: rows of shingle may outlive theirs. */
    "CREATE TABLE IF NOT EXISTS text(id INTEGER PRIMARY KEY AUTOINCREMENT, tag BLOB,"
    " sequence INTEGER NOT NULL, document INTEGER NOT NULL, administrative INTEGER NOT NULL,"
    " origin INTEGER NOT NULL, share INTEGER NOT NULL, sampled INTEGER, hashes BLOB, rare BLOB);"
    "CREATE INDEX IF NOT EXISTS text_tag ON text(tag) WHERE tag IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS text_origin ON text(origin);"
    "CREATE INDEX IF NOT EXISTS text_sequence ON text(sequence);"
    "CREATE TABLE IF NOT EXISTS shingle(hash INTEGER NOT NULL, text INTEGER NOT NULL,"
    " PRIMARY KEY(hash, text)) WITHOUT ROWID;";

static enum result get_integer(struct store *store, const char *query, int64_t *value_out,
                               struct problem *problem)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, query, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    enum result result = RESULT_OK;
    if (code == SQLITE_ROW)
        *value_out = sqlite3_column_int64(statement, 0);
    else
        result = code == SQLITE_DONE ? RESULT_NOT_FOUND
                                     : sqlite_problem(store, code, "reading its schema", problem);
    (void)sqlite3_finalize(statement);
    return result;
}

static enum result put_meta(struct store *store, const char *name, const void *value, int size,
                            struct problem *problem)
{
    sqlite3_stmt *statement = NULL;
    int code =
        sqlite3_prepare_v2(store->db, "INSERT INTO meta(name, value) VALUES (?1, ?2)", -1, &statement, NULL);
    if (code != SQLITE_OK)
        return sqlite_problem(store, code, "making its tables", problem);
    (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    (void)(size ? sqlite3_bind_blob(statement, 2, value, size, SQLITE_STATIC)
                : sqlite3_bind_int(statement, 2, JOURNAL_SCHEMA));
    enum result result = sqlite_run(store, statement, "making its tables", problem);
    (void)sqlite3_finalize(statement);
    return result;
}

static enum result run_script(struct store *store, const char *script, struct problem *problem)
{
    int code = sqlite3_exec(store->db, script, NULL, NULL, NULL);
    return code == SQLITE_OK ? RESULT_OK : sqlite_problem(store, code, "making its tables", problem);
}

static enum result make_tables(struct store *store, struct problem *problem)
{
    uint8_t secret[DIGEST_BYTES];
    if (random_bytes(secret, sizeof secret) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "journal %s: no random bytes for its secret",
                           store->path);
    enum result result = run_script(store, schema, problem);
    if (result == RESULT_OK)
        result = put_meta(store, "secret", secret, sizeof secret, problem);
    if (result == RESULT_OK)
        result = put_meta(store, "schema", NULL, 0, problem);
    return result;
}

static enum result check_schema(struct store *store, struct problem *problem)
{
    int64_t version = 0, n_tables = 0;
    enum result result = get_integer(
        store, "SELECT count(*) FROM sqlite_master WHERE name IN ('meta', 'record')", &n_tables, problem);
    if (result != RESULT_OK)
        return result;
    if (n_tables == 2)
        result = get_integer(store, "SELECT value FROM meta WHERE name = 'schema'", &version, problem);
    if (n_tables != 2 || result == RESULT_NOT_FOUND)
        return problem_set(problem, RESULT_BAD_INPUT, "journal %s: not a Khatm journal: name another file",
                           store->path);
    if (result == RESULT_OK && version != JOURNAL_SCHEMA)
        return problem_set(
            problem, RESULT_BAD_INPUT,
            "journal %s: has schema %lld, this program knows %d: install the Khatm that wrote it",
            store->path, (long long)version, JOURNAL_SCHEMA);
    return result;
}

enum result sqlite_check_owner(struct store *store, struct problem *problem)
{
    int64_t n_objects = 0;
    enum result result = get_integer(store, "SELECT count(*) FROM sqlite_master", &n_objects, problem);
    return result == RESULT_OK && n_objects ? check_schema(store, problem) : result;
}

static enum result load_secret(struct store *store, struct problem *problem)
{
    sqlite3_stmt *statement = NULL;
    int code =
        sqlite3_prepare_v2(store->db, "SELECT value FROM meta WHERE name = 'secret'", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    enum result result = RESULT_OK;
    if (code == SQLITE_ROW && sqlite3_column_bytes(statement, 0) == DIGEST_BYTES)
        memcpy(store->secret, sqlite3_column_blob(statement, 0), DIGEST_BYTES);
    else
        result = sqlite_problem(store, code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_CORRUPT : code,
                                "reading its secret", problem);
    (void)sqlite3_finalize(statement);
    return result;
}

enum result sqlite_prepare_schema(struct store *store, struct problem *problem)
{
    enum result result = RESULT_OK;
    int64_t n_objects = 0;
    if (store->access == STORE_CREATE) {
        result = store_begin(store, problem);
        if (result == RESULT_OK)
            result = get_integer(store, "SELECT count(*) FROM sqlite_master", &n_objects, problem);
        if (result == RESULT_OK && n_objects == 0)
            result = make_tables(store, problem);
        if (result == RESULT_OK)
            result = check_schema(store, problem);
        if (result == RESULT_OK)
            result = run_script(store, additions, problem);
        if (result == RESULT_OK)
            result = store_commit(store, problem);
        store_rollback(store);
    } else
        result = check_schema(store, problem);
    return result == RESULT_OK ? load_secret(store, problem) : result;
}
