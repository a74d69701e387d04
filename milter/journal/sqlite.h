/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JOURNAL_SQLITE_H
#define KHATM_JOURNAL_SQLITE_H

/* What the files of the SQLite store share: the connection, its prepared statements and how errors are told.
 * The tables are described in docs/journal-format.md. */

#include "journal/store.h"

#include <sqlite3.h>
#include <sys/types.h>

enum { JOURNAL_SCHEMA = 1 };

enum statement {
    SQL_BEGIN,
    SQL_BEGIN_READING,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_NEXT_SEQUENCE,
    SQL_ADD_RECORD,
    SQL_ADD_REPLY,
    SQL_SET_REPLY,
    SQL_GET_KEY,
    SQL_ADD_KEY,
    SQL_ADD_IDENTITY,
    SQL_ADD_DOCUMENT,
    SQL_ADD_NUMBER,
    SQL_OPEN_REPLIES,
    SQL_SETTLE,
    SQL_GET_IDENTITIES,
    SQL_KNOWS,
    SQL_COVER,
    SQL_LIST_RANGE,
    SQL_ADD_TEXT,
    SQL_SET_ORIGIN,
    SQL_ADD_SHINGLE,
    SQL_GET_TEXT,
    SQL_SAME_TEXT,
    SQL_HAVE_SHINGLE,
    SQL_WHERE_TEXT,
};
enum { STATEMENT_COUNT = SQL_WHERE_TEXT + 1 };

struct store {
    sqlite3 *db;
    char *path; /* as given */
    enum store_access access;
    bool broken;    /* the connection has failed in a way that only opening again may heal */
    bool immutable; /* read without a lock, since nobody has it open and we may not make the lock file */
    uint8_t secret[DIGEST_BYTES];
    struct store_file {
        dev_t device;
        ino_t inode;
    } wal;
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

/* The text of a failure that sqlite has just reported for this connection. */
enum result sqlite_problem(struct store *store, int code, const char *doing, struct problem *problem);
/* The statement, made on first use, reset and without bindings; NULL: *problem says why. */
sqlite3_stmt *sqlite_statement(struct store *store, enum statement which, struct problem *problem);
/* Runs a statement that answers nothing and resets it. */
enum result sqlite_run(struct store *store, sqlite3_stmt *statement, const char *doing,
                       struct problem *problem) MUST_USE;
/* A database that holds something is a journal of this schema, or it is not ours to change. */
enum result sqlite_check_owner(struct store *store, struct problem *problem) MUST_USE;
/* Makes the tables of an empty store, or checks that those there are ours, and learns the secret. */
enum result sqlite_prepare_schema(struct store *store, struct problem *problem) MUST_USE;

/* Within a transaction: a document's text, sqlite_text_write.c. */
enum result sqlite_add_text(struct store *store, uint64_t sequence, size_t number, bool administrative,
                            const struct record_text *text, struct problem *problem) MUST_USE;

#endif
