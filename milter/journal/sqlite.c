/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/sqlite.h"

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const sql[STATEMENT_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_BEGIN_READING] = "BEGIN",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_NEXT_SEQUENCE] = "SELECT ifnull(max(sequence) + 1, 0) FROM record",
    [SQL_ADD_RECORD] =
        "INSERT INTO record(sequence, reference, time_ms, leaf, leaf_hash) VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_ADD_REPLY] = "INSERT INTO reply(sequence, state) VALUES (?1, ?2)",
    [SQL_SET_REPLY] = "UPDATE reply SET state = ?2 WHERE sequence = ?1",
    [SQL_GET_KEY] = "SELECT id, key FROM identity_key WHERE person = ?1 AND month = ?2",
    [SQL_ADD_KEY] = "INSERT INTO identity_key(person, month, key) VALUES (?1, ?2, ?3)",
    [SQL_ADD_IDENTITY] =
        "INSERT INTO identity(sequence, field, key_id, nonce, box, tag) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_ADD_DOCUMENT] =
        "INSERT INTO document(sha256, sequence, administrative) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    [SQL_ADD_NUMBER] = "INSERT INTO document_number(number, sequence) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [SQL_OPEN_REPLIES] =
        "SELECT sequence FROM reply WHERE state = 0 AND settled_by IS NULL ORDER BY sequence LIMIT ?1",
    [SQL_SETTLE] = "UPDATE reply SET settled_by = ?1 WHERE sequence = ?2",
    [SQL_GET_IDENTITIES] = ("SELECT field, nonce, box, key FROM identity JOIN identity_key ON id = key_id"
                            " WHERE sequence = ?1 ORDER BY field"),
    [SQL_KNOWS] = ("SELECT reference FROM document JOIN record USING (sequence) WHERE sha256 = ?1"
                   " AND administrative = 1 ORDER BY document.sequence LIMIT 1"),
    [SQL_COVER] = ("SELECT count(*), min(sequence), max(sequence), min(time_ms), max(time_ms) FROM record"
                   " WHERE time_ms >= ?1 AND time_ms < ?2"),
    [SQL_LIST_RANGE] = "SELECT sequence FROM record WHERE sequence BETWEEN ?1 AND ?2 ORDER BY sequence",
    [SQL_ADD_TEXT] =
        ("INSERT INTO text(tag, sequence, document, administrative, origin, share, sampled, hashes,"
         " rare) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
    [SQL_SET_ORIGIN] = "UPDATE text SET origin = id WHERE id = ?1",
    [SQL_ADD_SHINGLE] = "INSERT INTO shingle(hash, text) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [SQL_GET_TEXT] = "SELECT sampled, hashes, rare, origin FROM text WHERE id = ?1 AND hashes IS NOT NULL",
    [SQL_SAME_TEXT] = "SELECT min(id), origin FROM text WHERE tag = ?1 AND administrative = 1",
    [SQL_HAVE_SHINGLE] = "SELECT text FROM shingle WHERE hash = ?1 LIMIT ?2",
    [SQL_WHERE_TEXT] = ("SELECT reference FROM text JOIN record ON record.sequence = text.sequence"
                        " WHERE id = ?1"),
};

/* What went wrong and what to do, by primary result code. */
static const struct remedy {
    int code;
    const char *what;
    enum result result;
    bool broken;
} remedies[] = {
    {SQLITE_BUSY, "locked by another process: find it with 'fuser -v' and end it", RESULT_TRY_LATER, false},
    {SQLITE_LOCKED, "locked by another process: find it with 'fuser -v' and end it", RESULT_TRY_LATER, false},
    {SQLITE_READONLY, "not writable: give file and folder to the daemon's user", RESULT_TRY_LATER, true},
    {SQLITE_PERM, "not accessible: give file and folder to the daemon's user", RESULT_TRY_LATER, true},
    {SQLITE_CANTOPEN, "cannot be opened: check that file and folder exist and who may use them",
     RESULT_TRY_LATER, true},
    {SQLITE_FULL, "disk full: free space where the journal lies", RESULT_TRY_LATER, false},
    {SQLITE_IOERR, "reading or writing failed: check disk space, quota and the kernel log", RESULT_TRY_LATER,
     true},
    {SQLITE_NOMEM, "no memory: raise the daemon's limit", RESULT_TRY_LATER, false},
    {SQLITE_NOTADB, "not a Khatm journal: name another file in journal { store }", RESULT_BAD_INPUT, true},
    {SQLITE_CORRUPT, "damaged: restore it from its copy", RESULT_TRY_LATER, true},
};

enum result sqlite_problem(struct store *store, int code, const char *doing, struct problem *problem)
{
    for (const struct remedy *r = remedies; r < remedies + sizeof remedies / sizeof *remedies; r++) {
        if (r->code != (code & 0xff))
            continue;
        store->broken |= r->broken;
        return problem_set(problem, r->result, "journal %s: %s: %s", store->path, doing, r->what);
    }
    store->broken = true;
    return problem_set(problem, RESULT_TRY_LATER, "journal %s: %s: %s", store->path, doing,
                       sqlite3_errstr(code));
}

sqlite3_stmt *sqlite_statement(struct store *store, enum statement which, struct problem *problem)
{
    sqlite3_stmt **slot = &store->statements[which];
    if (!*slot) {
        int code = sqlite3_prepare_v3(store->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
        if (code != SQLITE_OK) {
            (void)sqlite_problem(store, code, "preparing", problem);
            return NULL;
        }
    }
    (void)sqlite3_reset(*slot);
    (void)sqlite3_clear_bindings(*slot);
    return *slot;
}

enum result sqlite_run(struct store *store, sqlite3_stmt *statement, const char *doing,
                       struct problem *problem)
{
    if (!statement)
        return RESULT_TRY_LATER;
    int code = sqlite3_step(statement);
    (void)sqlite3_reset(statement);
    return code == SQLITE_DONE ? RESULT_OK : sqlite_problem(store, code, doing, problem);
}

enum result store_begin(struct store *store, struct problem *problem)
{
    return sqlite_run(store, sqlite_statement(store, SQL_BEGIN, problem), "beginning to write", problem);
}

enum result store_commit(struct store *store, struct problem *problem)
{
    return sqlite_run(store, sqlite_statement(store, SQL_COMMIT, problem), "writing", problem);
}

void store_rollback(struct store *store)
{
    if (!sqlite3_get_autocommit(store->db) &&
        sqlite_run(store, sqlite_statement(store, SQL_ROLLBACK, NULL), "rolling back", NULL) != RESULT_OK)
        return; /* sqlite has rolled back by itself, or the next begin says what is wrong */
}

static bool file_of(const char *path, struct store_file *file_out)
{
    struct stat status;
    if (!path || stat(path, &status) != 0)
        return false;
    *file_out = (struct store_file){.device = status.st_dev, .inode = status.st_ino};
    return true;
}

static const char *wal_path(const struct store *store)
{
    return sqlite3_filename_wal(sqlite3_db_filename(store->db, "main"));
}

bool store_stale(const struct store *store)
{
    int moved = 0;
    struct store_file now;
    if (store->broken)
        return true;
    if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK || moved)
        return true;
    if (store->access == STORE_READ)
        return store->immutable && file_of(wal_path(store), &now);
    return !file_of(wal_path(store), &now) || now.device != store->wal.device ||
           now.inode != store->wal.inode;
}

/* Made by us and not by sqlite, for the mode: the group (compliance) may read. sqlite gives its other files
 * the same. Only when the file is not there: closing a descriptor of an open store would drop its locks. */
static enum result make_file(const char *path, struct problem *problem)
{
    struct stat status;
    if (stat(path, &status) == 0)
        return RESULT_OK;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0 && errno != EEXIST)
        return problem_set(problem, RESULT_TRY_LATER,
                           "journal %s: cannot be made: %s: make its folder for the daemon", path,
                           strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return RESULT_OK;
}

/* "file:" URI (RFC 8089): no character of a path may become a parameter, and no path the special ":memory:".
 */
static enum result connect(struct store *store, const char *parameters)
{
    int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (store->access == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    struct buffer uri;
    buffer_init(&uri, 0);
    buffer_puts(&uri, strchr(store->path, '/') ? "file:" : "file:./");
    for (const char *p = store->path; *p; p++)
        buffer_printf(&uri, strchr("%?#", *p) ? "%%%02x" : "%c", (unsigned char)*p);
    buffer_puts(&uri, parameters);
    (void)sqlite3_close_v2(store->db);
    store->db = NULL;
    int code = uri.failed ? SQLITE_NOMEM : sqlite3_open_v2(uri.bytes, &store->db, flags, NULL);
    buffer_free(&uri);
    return code == SQLITE_OK ? RESULT_OK : code == SQLITE_CANTOPEN ? RESULT_NOT_FOUND : RESULT_TRY_LATER;
}

/* A reader that may not write in the folder cannot make the lock file that sqlite wants. When no write-ahead
 * file is there either, nobody has the store open and the file alone is whole: read that. */
static enum result check_readable(struct store *store, struct problem *problem)
{
    struct store_file wal;
    int code = sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
    bool no_lock = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY;
    if (no_lock && !file_of(wal_path(store), &wal)) {
        store->immutable = true;
        if (connect(store, "?immutable=1") != RESULT_OK)
            return sqlite_problem(store, SQLITE_CANTOPEN, "opening", problem);
        code = sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
    }
    return code == SQLITE_OK ? RESULT_OK : sqlite_problem(store, code, "opening", problem);
}

static int answer_is_wal(void *context, int n, char **values, char **names)
{
    (void)names;
    *(bool *)context = n == 1 && values[0] && strcmp(values[0], "wal") == 0;
    return 0;
}

/* FULL: a commit returns after fsync(2) of the write-ahead file. secure_delete: erased is overwritten. The
 * write-ahead file outlives us, so that readers without write permission can open the store at any time. */
static enum result set_up_writing(struct store *store, struct problem *problem)
{
    int persist = 1;
    bool is_wal = false;
    int code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", answer_is_wal, &is_wal, NULL);
    if (code == SQLITE_OK)
        code =
            sqlite3_exec(store->db, "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    if (code != SQLITE_OK)
        return sqlite_problem(store, code, "opening", problem);
    if (!is_wal)
        return problem_set(
            problem, RESULT_TRY_LATER,
            "journal %s: this file system cannot hold a write-ahead log: put the journal on a local disk",
            store->path);
    return RESULT_OK;
}

static enum result open_parts(struct store *store, int64_t wait_ms, struct problem *problem)
{
    enum result result = store->access == STORE_CREATE ? make_file(store->path, problem) : RESULT_OK;
    if (result != RESULT_OK)
        return result;
    if (connect(store, "") != RESULT_OK)
        return sqlite_problem(store, SQLITE_CANTOPEN, "opening", problem);
    (void)sqlite3_busy_timeout(store->db, (int)wait_ms);
    /* sqlite falls back to reading in silence. */
    if (store->access != STORE_READ && sqlite3_db_readonly(store->db, "main") == 1)
        return sqlite_problem(store, SQLITE_READONLY, "opening", problem);
    result =
        store->access == STORE_READ ? check_readable(store, problem) : sqlite_check_owner(store, problem);
    if (result == RESULT_OK && store->access != STORE_READ)
        result = set_up_writing(store, problem);
    if (result == RESULT_OK)
        result = sqlite_prepare_schema(store, problem);
    if (result == RESULT_OK && store->access != STORE_READ && !file_of(wal_path(store), &store->wal))
        return sqlite_problem(store, SQLITE_CANTOPEN, "opening its -wal file", problem);
    return result;
}

enum result store_open(const char *path, enum store_access access, int64_t wait_ms, struct store **store_out,
                       struct problem *problem)
{
    struct store *store = calloc(1, sizeof *store);
    if (store)
        store->path = strdup(path);
    if (!store || !store->path) {
        free(store);
        return problem_set(problem, RESULT_TRY_LATER, "journal %s: no memory to open it", path);
    }
    store->access = access;
    enum result result = open_parts(store, wait_ms, problem);
    if (result != RESULT_OK) {
        store_close(store);
        return result;
    }
    *store_out = store;
    return RESULT_OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        (void)sqlite3_finalize(store->statements[i]);
    (void)sqlite3_close(store->db);
    free(store->path);
    explicit_bzero(store->secret, sizeof store->secret);
    free(store);
}
