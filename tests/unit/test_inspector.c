/* SPDX-License-Identifier: Apache-2.0 */

/* The real khatm-inspector and khatm-reader on messages that are hostile by size, depth or timing. What a
 * message's parts are found to be is in test_mime_corpus.c, what happens when the programs are killed in
 * test_inspector_killed.c. */

#include "helper/pages.h"
#include "inspector_fixture.h"
#include "own_pages.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>

enum { BOUNDED_MS = 9000, MAPPINGS_MOST = 24 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static void plain_message_is_conversation(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, plain);
    assert_plain(run(fixture));
}

static void empty_message_is_answered(void **state)
{
    const struct findings *findings = run(*state);
    assert_true(findings->complete);
    assert_int_equal(findings->n_from, 0);
}

static void shorter_message_than_promised_is_incomplete(void **state)
{
    struct fixture *fixture = *state;
    struct findings *findings = NULL;
    put(fixture, plain);
    assert_int_equal(fflush(fixture->message), 0);
    assert_int_equal(inspector_run(fixture->inspector, fixture->fd, 100000, fixture->arena, &findings, NULL),
                     RESULT_OK);
    assert_false(findings->complete);
}

static void put_nested(struct fixture *fixture, unsigned depth)
{
    put(fixture, "From: a@b.example\r\n");
    for (unsigned i = 0; i < depth; i++)
        assert_true(fprintf(fixture->message, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n",
                            i, i) > 0);
    put(fixture, "\r\ntext\r\n");
    for (unsigned i = depth; i-- > 0;)
        assert_true(fprintf(fixture->message, "--b%u--\r\n", i) > 0);
}

static void put_nested_messages(struct fixture *fixture, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        put(fixture, "From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n");
    put(fixture, "\r\ntext\r\n");
}

static void put_parts(struct fixture *fixture, unsigned parts)
{
    put(fixture, "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    for (unsigned i = 0; i < parts; i++)
        put(fixture, "--b\r\n\r\nx\r\n");
    put(fixture, "--b--\r\n");
}

static void put_fields(struct fixture *fixture, unsigned fields)
{
    put(fixture, "From: a@b.example\r\n");
    for (unsigned i = 0; i < fields; i++)
        put(fixture, "X-Field: value\r\n");
    put(fixture, "\r\ntext\r\n");
}

static void put_endless_field(struct fixture *fixture, unsigned kilobytes)
{
    char kilobyte[1025];
    memset(kilobyte, 'a', sizeof kilobyte - 1);
    kilobyte[sizeof kilobyte - 1] = '\0';
    put(fixture, "From: a@b.example\r\nSubject: ");
    for (unsigned i = 0; i < kilobytes; i++)
        put(fixture, kilobyte);
}

static void put_parameters(struct fixture *fixture, unsigned parameters)
{
    put(fixture, "From: a@b.example\r\nContent-Type: text/plain");
    for (unsigned i = 0; i < parameters; i++)
        assert_true(fprintf(fixture->message, "; p%u*0=x", i) > 0);
    put(fixture, "\r\n\r\ntext\r\n");
}

static void put_addresses(struct fixture *fixture, unsigned addresses)
{
    put(fixture, "From: a@b.example\r\nTo: x@y.example");
    for (unsigned i = 0; i < addresses; i++)
        assert_true(fprintf(fixture->message, ",\r\n u%u@y.example", i) > 0);
    put(fixture, "\r\n\r\ntext\r\n");
}

static void put_comments(struct fixture *fixture, unsigned depth)
{
    put(fixture, "From: a@b.example\r\nTo: ");
    for (unsigned i = 0; i < depth; i++)
        put(fixture, "(");
    put(fixture, "\r\n\r\ntext\r\n");
}

static void put_same_boundary_lines(struct fixture *fixture, unsigned lines)
{
    put_nested(fixture, 60);
    for (unsigned i = 0; i < lines; i++)
        put(fixture, "--b5x\r\n");
}

struct hostile {
    const char *name;
    void (*put)(struct fixture *fixture, unsigned n);
    unsigned n;
    unsigned limits; /* 0: read to the end */
};

static void hostile_messages_are_judged_in_bounded_time(void **state)
{
    static const struct hostile rows[] = {
        {"20 levels", put_nested, 20, 0},
        {"65 levels", put_nested, 65, LIMIT_DEPTH},
        {"10,000 levels", put_nested, 10000, LIMIT_DEPTH},
        {"10,000 nested messages", put_nested_messages, 10000, LIMIT_DEPTH},
        {"900 parts", put_parts, 900, 0},
        {"100,000 parts", put_parts, 100000, LIMIT_PARTS},
        {"900 fields", put_fields, 900, 0},
        {"100,000 fields", put_fields, 100000, LIMIT_HEADERS},
        {"field of 100 kB", put_endless_field, 100, 0},
        {"field of 20 MB", put_endless_field, 20 * 1024, LIMIT_HEADERS},
        {"50,000 parameters in pieces", put_parameters, 50000, LIMIT_HEADERS},
        {"1,000 addresses", put_addresses, 1000, 0},
        {"100,000 addresses", put_addresses, 100000, LIMIT_HEADERS},
        {"10,000 open comments", put_comments, 10000, LIMIT_HEADERS},
        {"300,000 lines like a boundary", put_same_boundary_lines, 300000, 0},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rewrite(fixture, "");
        rows[i].put(fixture, rows[i].n);
        int64_t start = clock_monotonic_ms();
        const struct findings *findings = run(fixture);
        int64_t took = clock_monotonic_ms() - start;
        if (took > BOUNDED_MS)
            fail_msg("%s: took %lld ms", rows[i].name, (long long)took);
        if (findings->limits != rows[i].limits || findings->complete != !rows[i].limits)
            fail_msg("%s: limits %u, complete %d, %s", rows[i].name, findings->limits, findings->complete,
                     findings->incomplete_why ? findings->incomplete_why : "");
    }
}

static void missing_program_is_try_later(void **state)
{
    (void)state;
    struct inspector_settings wrong = settings;
    struct inspector *inspector = NULL;
    struct problem problem = {{0}};
    wrong.program = KHATM_BUILD_DIR "/no-such-program";
    assert_int_equal(inspector_new(&wrong, &inspector, &problem), RESULT_TRY_LATER);
    assert_non_null(strstr(problem.text, "no-such-program"));
    wrong.program = "/bin/true";
    assert_int_equal(inspector_new(&wrong, &inspector, &problem), RESULT_TRY_LATER);
    assert_non_null(strstr(problem.text, "/bin/true"));
    wrong = settings;
    wrong.reader = KHATM_BUILD_DIR "/no-such-reader";
    assert_int_equal(inspector_new(&wrong, &inspector, &problem), RESULT_TRY_LATER);
    assert_non_null(strstr(problem.text, "no-such-reader"));
}

static void too_little_time_is_an_incomplete_answer(void **state)
{
    struct fixture *fixture = *state;
    struct inspector_settings hasty = settings;
    struct inspector *inspector = NULL;
    struct findings *findings = NULL;
    hasty.deadline_ms = 20;
    put_large(fixture);
    assert_int_equal(fflush(fixture->message), 0);
    assert_int_equal(inspector_new(&hasty, &inspector, NULL), RESULT_OK);
    assert_int_equal(inspector_run(inspector, fixture->fd, (uint64_t)lseek(fixture->fd, 0, SEEK_END),
                                   fixture->arena, &findings, NULL),
                     RESULT_OK);
    assert_false(findings->complete);
    assert_int_equal(findings->limits, LIMIT_TIME);
    inspector_free(inspector);
}

/* The program itself takes about half of this; a message of its size again would not fit. */
static void memory_is_flat_in_message_size(void **state)
{
    struct fixture *fixture = *state;
    struct inspector_settings small = settings;
    struct inspector *inspector = NULL;
    struct findings *findings = NULL;
    small.memory = (uint64_t)64 << 20;
    put_large(fixture);
    put_large(fixture);
    assert_int_equal(fflush(fixture->message), 0);
    assert_int_equal(inspector_new(&small, &inspector, NULL), RESULT_OK);
    assert_int_equal(inspector_run(inspector, fixture->fd, (uint64_t)lseek(fixture->fd, 0, SEEK_END),
                                   fixture->arena, &findings, NULL),
                     RESULT_OK);
    assert_true(findings->complete);
    inspector_free(inspector);
}

/* Of ours, what we read of libraries goes before it is read: half a megabyte of a good megabyte. */
static bool goes_before(struct fixture *fixture, uint64_t size)
{
    struct findings *findings = NULL;
    assert_int_equal(fflush(fixture->message), 0);
    assert_int_equal(ftruncate(fixture->fd, (off_t)size), 0);
    read_code();
    unsigned long before_kb = own_kb("RssFile:");
    enum result result =
        inspector_run(fixture->inspector, fixture->fd, size, fixture->arena, &findings, NULL);
    assert_true(result == RESULT_OK || result == RESULT_TRY_LATER);
    return own_kb("RssFile:") + 512 < before_kb;
}

static void libraries_do_not_lie_beside_a_large_document(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "From: <a@b.example>\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf\r\n"
                 "Content-Transfer-Encoding: binary\r\n\r\n%PDF-1.4\r\n");
    assert_true(goes_before(fixture, PAGES_LARGE_BYTES));
    assert_false(goes_before(fixture, PAGES_LARGE_BYTES / 2));
}

static void *run_many(void *argument)
{
    struct fixture *fixture = argument;
    intptr_t wrong = 0;
    for (int i = 0; i < 50; i++) {
        struct arena *arena = arena_new(0);
        struct findings *findings = NULL;
        enum result result =
            inspector_run(fixture->inspector, fixture->fd, sizeof plain - 1, arena, &findings, NULL);
        wrong += result != RESULT_OK || !findings->complete || findings->n_parts != 1;
        arena_free(arena);
    }
    return (void *)wrong;
}

static void many_threads_wait_for_their_turn(void **state)
{
    struct fixture *fixture = *state;
    pthread_t threads[16];
    put(fixture, plain);
    assert_int_equal(fflush(fixture->message), 0);
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, fixture), 0);
    for (size_t i = 0; i < 16; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

static unsigned open_descriptors(void)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory))
        count++;
    (void)closedir(directory);
    return count;
}

static void descriptors_do_not_leak(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, plain);
    (void)run(fixture);
    unsigned before = open_descriptors();
    for (int i = 0; i < 20; i++)
        (void)run(fixture);
    assert_int_equal(kill(child_of(getpid(), first_program), SIGKILL), 0);
    (void)run(fixture);
    assert_int_equal(open_descriptors(), before);
}

/* What fork, page faults and exit of every child cost by. A library more is five mappings. */
static void template_is_one_program_without_libraries(void **state)
{
    char path[64], line[512];
    unsigned mappings = 0, libraries = 0;
    (void)state;
    (void)snprintf(path, sizeof path, "/proc/%d/maps", (int)child_of(getpid(), first_program));
    FILE *maps = fopen(path, "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) {
        mappings++;
        libraries += strstr(line, ".so") != NULL;
    }
    (void)fclose(maps);
    if (!SANITIZED && (libraries || mappings > MAPPINGS_MOST))
        fail_msg("%u mappings, %u of libraries", mappings, libraries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(plain_message_is_conversation),
        ROW(empty_message_is_answered),
        ROW(shorter_message_than_promised_is_incomplete),
        ROW(hostile_messages_are_judged_in_bounded_time),
        cmocka_unit_test(missing_program_is_try_later),
        ROW(too_little_time_is_an_incomplete_answer),
        ROW(memory_is_flat_in_message_size),
        ROW(libraries_do_not_lie_beside_a_large_document),
        ROW(many_threads_wait_for_their_turn),
        ROW(descriptors_do_not_leak),
        ROW(template_is_one_program_without_libraries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
