/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/sqlite.h"

#include "base/clock.h"

#include <string.h>

enum { SETTLED_PER_MARK = 1000, MONTH_BYTES = 8 };

/* A key as it lies in the store, for one person and month. */
struct person_key {
    int64_t id;
    uint8_t key[IDENTITY_KEY_BYTES];
};

static enum result read_key(struct store *store, const uint8_t person[DIGEST_BYTES], const char *month,
                            struct person_key *key_out, struct problem *problem)
{
    sqlite3_stmt *get = sqlite_statement(store, SQL_GET_KEY, problem);
    if (!get)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_blob(get, 1, person, DIGEST_BYTES, SQLITE_STATIC);
    (void)sqlite3_bind_text(get, 2, month, -1, SQLITE_STATIC);
    int code = sqlite3_step(get);
    enum result result = RESULT_NOT_FOUND;
    if (code == SQLITE_ROW && sqlite3_column_bytes(get, 1) == IDENTITY_KEY_BYTES) {
        key_out->id = sqlite3_column_int64(get, 0);
        memcpy(key_out->key, sqlite3_column_blob(get, 1), IDENTITY_KEY_BYTES);
        result = RESULT_OK;
    } else if (code != SQLITE_DONE) {
        result = sqlite_problem(store, code == SQLITE_ROW ? SQLITE_CORRUPT : code, "reading a key", problem);
    }
    (void)sqlite3_reset(get);
    return result;
}

static enum result key_of(struct store *store, const char *person, const char *month,
                          struct person_key *key_out, struct problem *problem)
{
    uint8_t index[DIGEST_BYTES];
    enum result result = identity_index(store->secret, IDENTITY_PERSON, person, index);
    if (result == RESULT_OK)
        result = read_key(store, index, month, key_out, problem);
    if (result != RESULT_NOT_FOUND)
        return result;
    sqlite3_stmt *add = sqlite_statement(store, SQL_ADD_KEY, problem);
    if (!add || random_bytes(key_out->key, sizeof key_out->key) != RESULT_OK)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_blob(add, 1, index, sizeof index, SQLITE_STATIC);
    (void)sqlite3_bind_text(add, 2, month, -1, SQLITE_STATIC);
    (void)sqlite3_bind_blob(add, 3, key_out->key, sizeof key_out->key, SQLITE_STATIC);
    result = sqlite_run(store, add, "writing a key", problem);
    key_out->id = sqlite3_last_insert_rowid(store->db);
    return result;
}

static enum result add_identity(struct store *store, struct arena *arena, uint64_t sequence,
                                const struct leaf *leaf, const struct identity *identity,
                                const struct person_key *key, struct problem *problem)
{
    uint8_t nonce[IDENTITY_NONCE_BYTES], tag[DIGEST_BYTES], *box;
    size_t size;
    sqlite3_stmt *add = sqlite_statement(store, SQL_ADD_IDENTITY, problem);
    if (!add)
        return RESULT_TRY_LATER;
    if (identity->kind != IDENTITY_PLAIN) {
        const char *normalised = identity_normalise(arena, identity->kind, identity->value);
        if (!normalised || identity_index(store->secret, identity->kind, normalised, tag) != RESULT_OK)
            return problem_set(problem, RESULT_TRY_LATER, "journal %s: no memory to index a record",
                               store->path);
        (void)sqlite3_bind_blob(add, 6, tag, sizeof tag, SQLITE_STATIC);
    }
    if (identity_seal(arena, key->key, leaf->hash, identity, nonce, &box, &size) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "journal %s: encryption of an identity failed",
                           store->path);
    (void)sqlite3_bind_int64(add, 1, (sqlite3_int64)sequence);
    (void)sqlite3_bind_text(add, 2, identity->field, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(add, 3, key->id);
    (void)sqlite3_bind_blob(add, 4, nonce, sizeof nonce, SQLITE_STATIC);
    (void)sqlite3_bind_blob(add, 5, box, (int)size, SQLITE_STATIC);
    return sqlite_run(store, add, "writing an identity", problem);
}

static enum result add_identities(struct store *store, struct arena *arena, uint64_t sequence,
                                  const struct store_entry *entry, struct problem *problem)
{
    const struct leaf *leaf = &entry->leaf;
    enum result result = RESULT_OK;
    struct person_key *keys = arena_alloc(arena, leaf->n_persons, sizeof *keys);
    char when[21];
    clock_format_utc(entry->time_ms / 1000, when);
    when[MONTH_BYTES - 1] = '\0'; /* "2026-11" */
    if (!keys)
        return problem_set(problem, RESULT_TRY_LATER, "journal %s: no memory for a record", store->path);
    for (size_t i = 0; result == RESULT_OK && i < leaf->n_identities; i++) {
        const struct identity *identity = &leaf->identities[i];
        struct person_key *key = &keys[identity->person];
        if (!key->id)
            result = key_of(store, leaf->persons[identity->person], when, key, problem);
        if (result == RESULT_OK)
            result = add_identity(store, arena, sequence, leaf, identity, key, problem);
    }
    explicit_bzero(keys, leaf->n_persons * sizeof *keys);
    return result;
}

static enum result add_digest(struct store *store, uint64_t sequence, const char *sha256, bool administrative,
                              struct problem *problem)
{
    uint8_t bytes[DIGEST_BYTES];
    if (!sha256 || hex_decode(sha256, bytes, sizeof bytes) != RESULT_OK)
        return RESULT_OK;
    sqlite3_stmt *add = sqlite_statement(store, SQL_ADD_DOCUMENT, problem);
    if (!add)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_blob(add, 1, bytes, sizeof bytes, SQLITE_STATIC);
    (void)sqlite3_bind_int64(add, 2, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int(add, 3, administrative);
    return sqlite_run(store, add, "writing a document", problem);
}

static enum result add_documents(struct store *store, uint64_t sequence, const struct store_entry *entry,
                                 struct problem *problem)
{
    enum result result = add_digest(store, sequence, entry->sealed_sha256, entry->administrative, problem);
    for (size_t i = 0; result == RESULT_OK && i < entry->n_documents; i++) {
        const struct record_document *document = &entry->documents[i];
        result = add_digest(store, sequence, document->sha256, entry->administrative, problem);
        if (result == RESULT_OK && document->text)
            result = sqlite_add_text(store, sequence, i, entry->administrative, document->text, problem);
        for (size_t k = 0; result == RESULT_OK && document->references && document->references[k]; k++) {
            sqlite3_stmt *add = sqlite_statement(store, SQL_ADD_NUMBER, problem);
            if (!add)
                return RESULT_TRY_LATER;
            (void)sqlite3_bind_text(add, 1, document->references[k], -1, SQLITE_STATIC);
            (void)sqlite3_bind_int64(add, 2, (sqlite3_int64)sequence);
            result = sqlite_run(store, add, "writing a document's number", problem);
        }
    }
    return result;
}

static enum result next_sequence(struct store *store, uint64_t *sequence_out, struct problem *problem)
{
    sqlite3_stmt *next = sqlite_statement(store, SQL_NEXT_SEQUENCE, problem);
    if (!next)
        return RESULT_TRY_LATER;
    int code = sqlite3_step(next);
    if (code != SQLITE_ROW)
        return sqlite_problem(store, code, "reading its end", problem);
    *sequence_out = (uint64_t)sqlite3_column_int64(next, 0);
    (void)sqlite3_reset(next);
    return RESULT_OK;
}

static enum result add_leaf(struct store *store, uint64_t sequence, const struct store_entry *entry,
                            struct problem *problem)
{
    sqlite3_stmt *add = sqlite_statement(store, SQL_ADD_RECORD, problem);
    if (!add)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_int64(add, 1, (sqlite3_int64)sequence);
    (void)sqlite3_bind_text(add, 2, entry->reference, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(add, 3, entry->time_ms);
    (void)sqlite3_bind_text(add, 4, entry->leaf.line, (int)entry->leaf.size, SQLITE_STATIC);
    (void)sqlite3_bind_blob(add, 5, entry->leaf.hash, DIGEST_BYTES, SQLITE_STATIC);
    int code = sqlite3_step(add);
    (void)sqlite3_reset(add);
    if (code == SQLITE_CONSTRAINT_UNIQUE)
        return problem_set(problem, RESULT_BAD_INPUT, "journal %s: reference %s is taken: try again",
                           store->path, entry->reference);
    return code == SQLITE_DONE ? RESULT_OK : sqlite_problem(store, code, "writing a record", problem);
}

enum result store_add(struct store *store, struct arena *arena, const struct store_entry *entry,
                      uint64_t *sequence_out, struct problem *problem)
{
    uint64_t sequence = 0;
    enum result result = next_sequence(store, &sequence, problem);
    if (result == RESULT_OK)
        result = add_leaf(store, sequence, entry, problem);
    *sequence_out = sequence;
    if (result != RESULT_OK || !entry->reference)
        return result;
    sqlite3_stmt *reply = sqlite_statement(store, SQL_ADD_REPLY, problem);
    if (!reply)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_int64(reply, 1, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int(reply, 2, entry->never_replied ? REPLY_NEVER : REPLY_UNKNOWN);
    result = sqlite_run(store, reply, "writing a record", problem);
    if (result == RESULT_OK)
        result = add_identities(store, arena, sequence, entry, problem);
    if (result == RESULT_OK)
        result = add_documents(store, sequence, entry, problem);
    return result;
}

enum result store_reply(struct store *store, uint64_t sequence, enum reply_state state,
                        struct problem *problem)
{
    sqlite3_stmt *set = sqlite_statement(store, SQL_SET_REPLY, problem);
    if (!set)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_int64(set, 1, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int(set, 2, (int)state);
    return sqlite_run(store, set, "writing a reply", problem);
}

static enum result open_replies(struct store *store, uint64_t *sequences, size_t *n_out,
                                struct problem *problem)
{
    sqlite3_stmt *list = sqlite_statement(store, SQL_OPEN_REPLIES, problem);
    int code;
    *n_out = 0;
    if (!list)
        return RESULT_TRY_LATER;
    (void)sqlite3_bind_int(list, 1, SETTLED_PER_MARK);
    while ((code = sqlite3_step(list)) == SQLITE_ROW)
        sequences[(*n_out)++] = (uint64_t)sqlite3_column_int64(list, 0);
    (void)sqlite3_reset(list);
    return code == SQLITE_DONE ? RESULT_OK : sqlite_problem(store, code, "reading open replies", problem);
}

static enum result settle_some(struct store *store, struct arena *arena, int64_t time_ms,
                               const uint64_t *sequences, size_t n, struct problem *problem)
{
    uint64_t mark = 0;
    struct store_entry entry = {.time_ms = time_ms};
    enum result result = leaf_make_settled(arena, time_ms, sequences, n, &entry.leaf);
    if (result == RESULT_OK)
        result = store_add(store, arena, &entry, &mark, problem);
    for (size_t i = 0; result == RESULT_OK && i < n; i++) {
        sqlite3_stmt *settle = sqlite_statement(store, SQL_SETTLE, problem);
        if (!settle)
            return RESULT_TRY_LATER;
        (void)sqlite3_bind_int64(settle, 1, (sqlite3_int64)mark);
        (void)sqlite3_bind_int64(settle, 2, (sqlite3_int64)sequences[i]);
        result = sqlite_run(store, settle, "marking open replies", problem);
    }
    return result;
}

enum result store_settle(struct store *store, int64_t time_ms, struct problem *problem)
{
    struct arena *arena = arena_new(0);
    uint64_t *sequences = arena ? arena_alloc(arena, SETTLED_PER_MARK, sizeof *sequences) : NULL;
    enum result result = sequences ? RESULT_OK : RESULT_TRY_LATER;
    size_t n = 0;
    do {
        if (result == RESULT_OK)
            result = open_replies(store, sequences, &n, problem);
        if (result == RESULT_OK && n)
            result = settle_some(store, arena, time_ms, sequences, n, problem);
    } while (result == RESULT_OK && n);
    arena_free(arena);
    return result;
}
