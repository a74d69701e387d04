/* SPDX-License-Identifier: Apache-2.0 */

/* What journal_append has answered is there after any death; when the store cannot be written the answer
 * comes in time, and the next record after the trouble is written. */

#include "journal_trouble.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* sqlite's own calls end here: they are counted, and the one whose turn it is fails. */
static atomic_int n_syncs, calls_to_failure;
static atomic_int failure = EIO;

static bool fails_now(void)
{
    if (atomic_load(&calls_to_failure) == 0 || atomic_fetch_sub(&calls_to_failure, 1) != 1)
        return false;
    errno = atomic_load(&failure);
    return true;
}

int fdatasync(int fd)
{
    atomic_fetch_add(&n_syncs, 1);
    return fails_now() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    atomic_fetch_add(&n_syncs, 1);
    return fails_now() ? -1 : (int)syscall(SYS_fsync, fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    return fails_now() ? -1 : syscall(SYS_pwrite64, fd, bytes, size, offset);
}

/* The child appends for ever and writes each reference to the pipe after journal_append has returned. */
static void append_until_killed(const struct scratch *scratch, int out)
{
    struct journal *journal = NULL;
    if (journal_open(scratch->store, SAMPLE_WAIT_MS, &journal, NULL) != RESULT_OK)
        _exit(1);
    for (;;) {
        struct sample sample;
        uint64_t sequence;
        sample_make(&sample);
        if (journal_append(journal, &sample.record, &sequence, NULL) != RESULT_OK ||
            write(out, sample.record.reference, REFERENCE_BYTES) != REFERENCE_BYTES)
            _exit(1);
    }
}

static size_t kill_one(const struct scratch *scratch, useconds_t after_us, char *references, size_t room)
{
    int ends[2];
    size_t size = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        append_until_killed(scratch, ends[1]);
    }
    (void)close(ends[1]);
    /* At least one answer, then a moment of its own. */
    ssize_t got = read(ends[0], references, REFERENCE_BYTES);
    assert_int_equal(got, REFERENCE_BYTES);
    size = (size_t)got;
    (void)usleep(after_us);
    assert_int_equal(kill(child, SIGKILL), 0);
    while ((got = read(ends[0], references + size, room - size)) > 0)
        size += (size_t)got;
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)close(ends[0]);
    return size / REFERENCE_BYTES;
}

static void test_thirty_kills_lose_nothing(void **state)
{
    enum { KILLS = 30, ROOM = 1 << 20 };
    struct scratch *scratch = *state;
    char *references = malloc(ROOM);
    size_t n_answered = 0;
    assert_non_null(references);
    for (useconds_t i = 0; i < KILLS; i++)
        n_answered += kill_one(scratch, i * i * 40, references + n_answered * REFERENCE_BYTES,
                               ROOM - n_answered * REFERENCE_BYTES);
    struct journal *journal = open_journal(scratch);
    for (size_t i = 0; i < n_answered; i++)
        assert_int_equal(
            find(journal, (struct journal_query){.reference = references + i * REFERENCE_BYTES}, NULL, NULL),
            1);
    struct journal_coverage coverage;
    assert_int_equal(journal_cover(journal, 0, 0, &coverage, NULL), RESULT_OK);
    assert_int_equal(coverage.n_missing, 0);
    assert_true(coverage.n_leaves >= n_answered + KILLS); /* each start after a kill left a mark */
    journal_close(journal);
    shell("/usr/bin/python3 " KHATM_SOURCE_DIR "/tests/unit/journal_format.py %s", scratch->path);
    free(references);
}

struct crowd {
    struct journal *journal;
    pthread_mutex_t mutex;
    bool taken[2048];
    size_t n;
};

static void *append_some(void *context)
{
    enum { EACH = 25 };
    struct crowd *crowd = context;
    for (int i = 0; i < EACH; i++) {
        struct sample sample;
        sample_make(&sample);
        uint64_t sequence = append(crowd->journal, &sample.record);
        journal_replied(crowd->journal, sequence, i % 2);
        (void)journal_knows_document(crowd->journal, SAMPLE_SHA, NULL);
        (void)pthread_mutex_lock(&crowd->mutex);
        assert_true(sequence < 2048);
        assert_false(crowd->taken[sequence]);
        crowd->taken[sequence] = true;
        crowd->n++;
        (void)pthread_mutex_unlock(&crowd->mutex);
    }
    return NULL;
}

static void test_thirty_two_threads(void **state)
{
    enum { THREADS = 32 };
    struct scratch *scratch = *state;
    pthread_t threads[THREADS];
    struct crowd *crowd = calloc(1, sizeof *crowd);
    assert_non_null(crowd);
    crowd->journal = open_journal(scratch);
    assert_int_equal(pthread_mutex_init(&crowd->mutex, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, append_some, crowd), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < crowd->n; i++)
        assert_true(crowd->taken[i]);
    assert_int_equal(crowd->n, THREADS * 25);
    assert_int_equal(find(crowd->journal, (struct journal_query){0}, NULL, NULL), crowd->n);
    journal_close(crowd->journal);
    free(crowd);
    shell("/usr/bin/python3 " KHATM_SOURCE_DIR "/tests/unit/journal_format.py %s", scratch->path);
}

static void test_locked_by_another(void **state)
{
    struct scratch *scratch = *state;
    struct journal *journal = open_journal(scratch);
    sqlite3 *other = NULL;
    assert_works(journal);
    assert_int_equal(sqlite3_open(scratch->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_fails(journal, "locked by another process");
    assert_int_equal(journal_knows_document(journal, SAMPLE_SHA, NULL), FACT_NO); /* readers go on */
    struct journal *second = NULL;
    struct problem problem = {{0}};
    assert_int_equal(journal_open(scratch->store, 100, &second, &problem), RESULT_TRY_LATER);
    assert_non_null(strstr(problem.text, "locked"));
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    assert_works(journal);
    assert_int_equal(find(journal, (struct journal_query){0}, NULL, NULL), 2);
    journal_close(journal);
}

/* Appends until it fails, then makes room and appends again. */
static void fill_and_mend(const struct scratch *scratch, const char *words,
                          void (*mend)(const struct scratch *scratch))
{
    enum { ENOUGH = 20000 };
    struct journal *journal = NULL;
    struct problem problem = {{0}};
    enum result result = journal_open(scratch->store, SAMPLE_WAIT_MS, &journal, &problem);
    size_t n = 0, n_found = 0;
    int64_t took_ms;
    demand(result == RESULT_OK, "opening", &problem);
    while (result == RESULT_OK && n < ENOUGH) {
        result = try_append(journal, &problem, &took_ms);
        n += result == RESULT_OK;
    }
    demand(result == RESULT_TRY_LATER && strstr(problem.text, words), words, &problem);
    mend(scratch);
    demand(try_append(journal, &problem, &took_ms) == RESULT_OK, "after the trouble", &problem);
    const struct journal_query all = {0};
    demand(journal_find(journal, &all, stop_at_first, &n_found, &problem) == RESULT_OK, "reading", &problem);
    demand(n_found == n + 1, "all answered records and no other", &problem);
    journal_close(journal);
}

static void remove_ballast(const struct scratch *scratch)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/ballast", scratch->folder);
    (void)unlink(path);
}

static void fill_disk(const struct scratch *scratch)
{
    fill_and_mend(scratch, "disk full", remove_ballast);
}

static void test_disk_full(void **state)
{
    struct scratch *scratch = *state;
    if (geteuid() != 0 || mount("tmpfs", scratch->folder, "tmpfs", 0, "size=2m,mode=777") != 0)
        skip();
    shell("head -c 1000000 /dev/zero > %s/ballast; chmod 666 %s/ballast", scratch->folder, scratch->folder);
    as_nobody(scratch, fill_disk);
    assert_int_equal(umount(scratch->folder), 0);
}

static void raise_limit(const struct scratch *scratch)
{
    (void)scratch;
    struct rlimit limit;
    demand(getrlimit(RLIMIT_FSIZE, &limit) == 0, "getrlimit", &(struct problem){{0}});
    limit.rlim_cur = limit.rlim_max;
    demand(setrlimit(RLIMIT_FSIZE, &limit) == 0, "setrlimit", &(struct problem){{0}});
}

static void fill_file(const struct scratch *scratch)
{
    struct rlimit limit;
    demand(signal(SIGXFSZ, SIG_IGN) != SIG_ERR && getrlimit(RLIMIT_FSIZE, &limit) == 0, "limits",
           &(struct problem){{0}});
    limit.rlim_cur = 600000;
    demand(setrlimit(RLIMIT_FSIZE, &limit) == 0, "setrlimit", &(struct problem){{0}});
    fill_and_mend(scratch, "disk", raise_limit);
}

static void test_file_size_limit(void **state)
{
    struct scratch *scratch = *state;
    shell("chmod 777 %s", scratch->folder);
    as_nobody(scratch, fill_file);
}

static void test_answers_come_after_the_disk(void **state)
{
    struct scratch *scratch = *state;
    struct journal *journal = open_journal(scratch);
    for (int i = 0; i < 20; i++) {
        int before = atomic_load(&n_syncs);
        assert_works(journal);
        assert_true(atomic_load(&n_syncs) > before);
    }
    journal_close(journal);
}

static void test_nth_write_or_sync_fails(void **state)
{
    static const int failures[] = {EIO, ENOSPC, EDQUOT};
    struct scratch *scratch = *state;
    struct journal *journal = open_journal(scratch);
    size_t n_answered = 0, n_failed = 0;
    for (int nth = 1; nth <= 30; nth++) {
        struct problem problem = {{0}};
        int64_t took_ms;
        atomic_store(&failure, failures[nth % 3]);
        atomic_store(&calls_to_failure, nth);
        if (try_append(journal, &problem, &took_ms) == RESULT_OK)
            n_answered++;
        else
            n_failed++;
        atomic_store(&calls_to_failure, 0);
        assert_works(journal);
        n_answered++;
    }
    assert_true(n_failed > 5);
    assert_int_equal(find(journal, (struct journal_query){0}, NULL, NULL), n_answered);
    journal_close(journal);
    shell("/usr/bin/python3 " KHATM_SOURCE_DIR "/tests/unit/journal_format.py %s", scratch->path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_thirty_kills_lose_nothing, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_thirty_two_threads, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_locked_by_another, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_disk_full, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_file_size_limit, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_answers_come_after_the_disk, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_nth_write_or_sync_fails, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
