/* SPDX-License-Identifier: Apache-2.0 */

/* The store is moved, replaced, not ours, or not ours to write: nothing is written where nobody will find it,
 * nothing is begun anew in silence, and readers need no right to write. */

#include "journal_trouble.h"

static void test_folder_moved_away(void **state)
{
    struct scratch *scratch = *state;
    struct journal *journal = open_journal(scratch);
    assert_works(journal);
    shell("mv %s %s.away", scratch->folder, scratch->folder);
    assert_fails(journal, scratch->path);
    shell("mkdir %s", scratch->folder);
    assert_fails(journal, "cannot be opened");
    assert_int_equal(access(scratch->path, F_OK), -1); /* not begun anew in silence */
    assert_int_equal(journal_knows_document(journal, SAMPLE_SHA, NULL), FACT_UNKNOWN);
    shell("rmdir %s && mv %s.away %s", scratch->folder, scratch->folder, scratch->folder);
    assert_works(journal);
    assert_works(journal);
    assert_int_equal(journal_knows_document(journal, SAMPLE_SHA, NULL), FACT_NO);
    assert_int_equal(find(journal, (struct journal_query){0}, NULL, NULL), 3);
    journal_close(journal);
}

static void test_replaced_by_another(void **state)
{
    struct scratch *scratch = *state;
    struct scratch other;
    scratch_make(&other);
    struct journal *journal = open_journal(scratch);
    assert_works(journal);
    journal_close(open_journal(&other));
    shell("mv %s %s", other.path, scratch->path);
    shell("rm -f %s-wal %s-shm", scratch->path, scratch->path);
    assert_works(journal);
    journal_close(journal);
    journal = open_journal(scratch);
    assert_int_equal(find(journal, (struct journal_query){0}, NULL, NULL), 1); /* where people look for it */
    journal_close(journal);
    scratch_remove(&other);
}

static void test_replaced_by_something_else(void **state)
{
    struct scratch *scratch = *state;
    struct journal *journal = open_journal(scratch);
    assert_works(journal);
    shell("cd %s && mkdir away && mv journal.db* away && echo this is text, no journal > journal.db",
          scratch->folder);
    assert_fails(journal, "not a Khatm journal");
    shell("cd %s && rm -f journal.db* && mv away/journal.db* .", scratch->folder);
    assert_works(journal);
    assert_int_equal(find(journal, (struct journal_query){0}, NULL, NULL), 2);
    journal_close(journal);
}

/* Dies without closing, which would have moved everything into the store itself. */
static void lose_write_ahead_file(const struct scratch *scratch)
{
    struct journal *journal = NULL;
    struct problem problem = {{0}};
    int64_t took_ms;
    demand(journal_open(scratch->store, SAMPLE_WAIT_MS, &journal, &problem) == RESULT_OK, "opening",
           &problem);
    demand(try_append(journal, &problem, &took_ms) == RESULT_OK, "before", &problem);
    shell("rm %s-wal", scratch->path);
    demand(try_append(journal, &problem, &took_ms) == RESULT_OK, "after", &problem);
    _exit(0);
}

static void test_write_ahead_file_removed(void **state)
{
    struct scratch *scratch = *state;
    shell("chmod 777 %s", scratch->folder);
    as_nobody(scratch, lose_write_ahead_file);
    struct journal *journal = open_journal(scratch);
    assert_int_equal(find(journal, (struct journal_query){0}, NULL, NULL), 2);
    journal_close(journal);
}

static void open_unwritable(const struct scratch *scratch)
{
    struct journal *journal = NULL;
    struct problem problem = {{0}};
    enum result result = journal_open(scratch->store, SAMPLE_WAIT_MS, &journal, &problem);
    demand(result == RESULT_TRY_LATER && strstr(problem.text, "not writable"), "read-only file", &problem);
}

static void test_read_only_file(void **state)
{
    struct scratch *scratch = *state;
    journal_close(open_journal(scratch));
    shell("chmod 444 %s*; chmod 555 %s", scratch->path, scratch->folder);
    as_nobody(scratch, open_unwritable);
    shell("chmod 755 %s", scratch->folder);
}

static void read_one(const struct scratch *scratch)
{
    struct journal *journal = NULL;
    struct problem problem = {{0}};
    const struct journal_query query = {.person = SAMPLE_LOGIN};
    size_t n = 0;
    demand(journal_open_readonly(scratch->store, &journal, &problem) == RESULT_OK, "opening", &problem);
    demand(journal_find(journal, &query, stop_at_first, &n, &problem) == RESULT_OK, "reading", &problem);
    demand(n == 1, "one record", &problem);
    journal_close(journal);
}

static void read_none(const struct scratch *scratch)
{
    struct journal *journal = NULL;
    struct problem problem = {{0}};
    enum result result = journal_open_readonly(scratch->store, &journal, &problem);
    demand(result == RESULT_TRY_LATER && strstr(problem.text, "cannot be opened"), "unreadable file",
           &problem);
}

static void test_reader_without_rights(void **state)
{
    struct scratch *scratch = *state;
    struct journal *journal = open_journal(scratch);
    struct sample sample;
    sample_make(&sample);
    (void)append(journal, &sample.record);
    if (geteuid() == 0)
        as_nobody(scratch, read_none); /* made for owner and group only */
    shell("chmod 644 %s*; chmod 555 %s", scratch->path, scratch->folder);
    as_nobody(scratch, read_one); /* beside the daemon */
    shell("chmod 755 %s", scratch->folder);
    journal_close(journal);
    shell("chmod 644 %s*; chmod 555 %s", scratch->path, scratch->folder);
    as_nobody(scratch, read_one); /* after it */
    shell("chmod 755 %s; rm -f %s-wal %s-shm; chmod 555 %s", scratch->folder, scratch->path, scratch->path,
          scratch->folder);
    as_nobody(scratch, read_one); /* a copy of the file alone */
    shell("chmod 755 %s", scratch->folder);
}

static void test_stores_that_are_refused(void **state)
{
    struct scratch *scratch = *state;
    journal_close(open_journal(scratch));
    const struct {
        const char *name, *prepare, *sql, *store, *words;
        enum result result;
    } rows[] = {
        {"newer schema", "true", "UPDATE meta SET value = 2 WHERE name = 'schema'", scratch->store,
         "has schema 2, this program knows 1", RESULT_BAD_INPUT},
        {"another program's tables", "rm -f $1*", "CREATE TABLE t(a)", scratch->store, "not a Khatm journal",
         RESULT_BAD_INPUT},
        {"no database", "rm -f $1*; head -c 5000 /dev/urandom > $1", NULL, scratch->store,
         "not a Khatm journal", RESULT_BAD_INPUT},
        {"unknown kind", "true", NULL, "mysql:/x", "unknown kind", RESULT_BAD_INPUT},
        {"no path", "true", NULL, "sqlite:", "unknown kind", RESULT_BAD_INPUT},
        {"no folder", "true", NULL, "sqlite:/nonexistent/journal.db", "make its folder", RESULT_TRY_LATER},
        {"a folder", "true", NULL, "sqlite:/tmp", "cannot be opened", RESULT_TRY_LATER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char command[512];
        struct journal *journal = NULL;
        struct problem problem = {{0}};
        (void)snprintf(command, sizeof command, "set -- %s; %s", scratch->path, rows[i].prepare);
        shell("%s", command);
        if (rows[i].sql)
            change_store(scratch->path, rows[i].sql);
        bool foreign = strcmp(rows[i].words, "not a Khatm journal") == 0;
        if (foreign)
            shell("cp %s %s.kept", scratch->path, scratch->path);
        enum result result = journal_open(rows[i].store, SAMPLE_WAIT_MS, &journal, &problem);
        if (result != rows[i].result || !strstr(problem.text, rows[i].words) || strchr(problem.text, '\n'))
            fail_msg("%s: %s: %s", rows[i].name, result_name(result), problem.text);
        if (foreign) /* and nothing of it was changed, or laid beside it */
            shell("cmp %s %s.kept && test ! -e %s-wal", scratch->path, scratch->path, scratch->path);
        if (rows[i].store == scratch->store) {
            result = journal_open_readonly(rows[i].store, &journal, &problem);
            if (result != rows[i].result || !strstr(problem.text, rows[i].words))
                fail_msg("%s, reading: %s: %s", rows[i].name, result_name(result), problem.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_folder_moved_away, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_replaced_by_another, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_replaced_by_something_else, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_write_ahead_file_removed, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_read_only_file, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_reader_without_rights, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_stores_that_are_refused, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
