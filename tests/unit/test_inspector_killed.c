/* SPDX-License-Identifier: Apache-2.0 */

/* khatm-inspector and khatm-reader, their templates and their children, killed under a message. */

#include "inspector_fixture.h"

#include <pthread.h>
#include <signal.h>
#include <sys/sendfile.h>

static void killed_template_costs_no_message(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, plain);
    assert_plain(run(fixture));
    for (int i = 0; i < 5; i++) {
        pid_t template = child_of(getpid(), first_program);
        assert_true(template > 0);
        assert_int_equal(kill(template, SIGKILL), 0);
        assert_plain(run(fixture));
        assert_int_not_equal(child_of(getpid(), first_program), template);
    }
}

static const char reader_program[] = "khatm-reader";

struct killer {
    pid_t template;
    const char *program;
    bool whole;
};

/* Kills the first child that the template forks. */
static void *kill_child(void *argument)
{
    const struct killer *killer = argument;
    int64_t end = clock_monotonic_ms() + DEADLINE_MS;
    while (clock_monotonic_ms() < end) {
        pid_t child = child_of(killer->template, killer->program);
        if (child > 0 && kill(killer->whole ? killer->template : child, SIGKILL) == 0)
            break;
    }
    return NULL;
}

static void killed_child_leaves_an_incomplete_answer(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    struct killer killer = {.template = child_of(getpid(), first_program), .program = first_program};
    put_large(fixture);
    assert_int_equal(pthread_create(&thread, NULL, kill_child, &killer), 0);
    const struct findings *findings = run(fixture);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(findings->complete);
    assert_non_null(findings->incomplete_why);
    rewrite(fixture, plain);
    assert_plain(run(fixture));
}

static void template_killed_in_the_middle_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    struct killer killer = {
        .template = child_of(getpid(), first_program), .program = first_program, .whole = true};
    put_large(fixture);
    assert_int_equal(pthread_create(&thread, NULL, kill_child, &killer), 0);
    const struct findings *findings = run(fixture);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(findings->n_parts <= 1);
    rewrite(fixture, plain);
    assert_plain(run(fixture));
}

static void put_large_document(struct fixture *fixture)
{
    put(fixture,
        "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nBonjour\r\n--b\r\n"
        "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    for (int i = 0; i < 400 * 1000; i++)
        put(fixture, "JVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQK\r\n");
    put(fixture, "--b--\r\n");
}

static void assert_document_is_unread(const struct findings *findings)
{
    assert_true(findings->complete);
    assert_int_equal(findings->n_from, 1);
    assert_int_equal(findings->n_parts, 2);
    assert_int_equal(findings->parts[0].flags, 0);
    assert_int_equal(findings->parts[1].flags, PART_DOCUMENT | PART_UNREAD);
    assert_string_equal(findings->parts[1].name, "a.pdf");
}

static void start_with(struct fixture *fixture, enum inspector_order order, unsigned workers)
{
    static struct inspector_settings own;
    own = settings;
    own.order = order;
    own.workers = workers;
    inspector_free(fixture->inspector);
    assert_int_equal(inspector_new(&own, &fixture->inspector, NULL), RESULT_OK);
}

/* What khatm-inspector said of the message holds; what khatm-reader was to open is unread. */
static void killed_reader_leaves_its_document_unread(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    start_with(fixture, ORDER_IN_TURN, 1);
    struct killer killer = {.template = child_of(getpid(), reader_program), .program = reader_program};
    put_large_document(fixture);
    assert_int_equal(pthread_create(&thread, NULL, kill_child, &killer), 0);
    const struct findings *findings = run(fixture);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_document_is_unread(findings);
    assert_string_equal(findings->parts[1].why, "the inspector ended on it");
}

/* Nothing it said counts, and both programs go over the message. */
static void reader_killed_before_it_said_what_the_message_is_costs_nothing(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    start_with(fixture, ORDER_AT_ONCE, 1);
    struct killer killer = {.template = child_of(getpid(), reader_program), .program = reader_program};
    put_large(fixture);
    assert_int_equal(pthread_create(&thread, NULL, kill_child, &killer), 0);
    const struct findings *findings = run(fixture);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(findings->complete);
    assert_int_equal(findings->n_from, 1);
    assert_int_equal(findings->n_parts, 1);
}

static void reader_template_killed_in_the_middle_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    struct killer killer = {
        .template = child_of(getpid(), reader_program), .program = reader_program, .whole = true};
    put_large_document(fixture);
    assert_int_equal(pthread_create(&thread, NULL, kill_child, &killer), 0);
    const struct findings *findings = run(fixture);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_document_is_unread(findings);
    assert_document_is_unread(run(fixture));
    assert_int_not_equal(child_of(getpid(), reader_program), killer.template);
}

static void message_without_documents_asks_no_reader(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(kill(child_of(getpid(), reader_program), SIGSTOP), 0);
    put(fixture, plain);
    assert_plain(run(fixture));
    assert_int_equal(kill(child_of(getpid(), reader_program), SIGKILL), 0);
}

struct waiting {
    struct inspector *inspector;
    int fd;
    enum result result;
};

static void *wait_for_reader(void *argument)
{
    struct waiting *waiting = argument;
    struct arena *arena = arena_new(0);
    struct findings *findings = NULL;
    off_t size = lseek(waiting->fd, 0, SEEK_END);
    waiting->result = inspector_run(waiting->inspector, waiting->fd, (uint64_t)size, arena, &findings, NULL);
    arena_free(arena);
    return NULL;
}

/* One worker, and a large document of its own for a thread that will wait for it. */
static void take_large_document(struct fixture *fixture, struct waiting *waiting)
{
    start_with(fixture, ORDER_BY_HINT, 1);
    waiting->inspector = fixture->inspector;
    put_large_document(fixture);
    assert_int_equal(fflush(fixture->message), 0);
    off_t size = lseek(fixture->fd, 0, SEEK_END);
    assert_int_equal(sendfile(waiting->fd, fixture->fd, &(off_t){0}, (size_t)size), size);
}

/* One worker, and a document that takes long: who has nothing to open does not wait for it. */
static void slow_documents_hold_up_no_other_mail(void **state)
{
    struct fixture *fixture = *state;
    struct waiting waiting = {.fd = memfd_create("document", MFD_CLOEXEC)};
    pthread_t thread;
    take_large_document(fixture, &waiting);
    pid_t template = child_of(getpid(), reader_program);
    assert_int_equal(kill(template, SIGSTOP), 0);
    assert_int_equal(pthread_create(&thread, NULL, wait_for_reader, &waiting), 0);
    rewrite(fixture, plain);
    for (int i = 0; i < 20; i++)
        assert_plain(run(fixture));
    assert_int_equal(kill(template, SIGCONT), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(waiting.result, RESULT_OK);
    fd_close(&waiting.fd);
}

/* The same, of mail that only looks as if it had something to open: it waits a while, not for the document.
 */
static void slow_documents_hold_up_no_mail_that_was_taken_for_one(void **state)
{
    struct fixture *fixture = *state;
    struct waiting waiting = {.fd = memfd_create("document", MFD_CLOEXEC)};
    pthread_t thread;
    take_large_document(fixture, &waiting);
    pid_t template = child_of(getpid(), reader_program), child = 0;
    assert_int_equal(pthread_create(&thread, NULL, wait_for_reader, &waiting), 0);
    for (int64_t end = clock_monotonic_ms() + DEADLINE_MS; !child && clock_monotonic_ms() < end;)
        child = child_of(template, reader_program);
    assert_true(child > 0);
    assert_int_equal(kill(child, SIGSTOP), 0);
    rewrite(fixture, plain);
    put(fixture, "Content-Type: application/pdf\r\n");
    assert_plain(run(fixture));
    assert_int_equal(kill(child, SIGCONT), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(waiting.result, RESULT_OK);
    fd_close(&waiting.fd);
}

struct flood {
    struct inspector *inspector;
    const char *message;
    unsigned count, answered;
};

static void *send_flood(void *argument)
{
    struct flood *flood = argument;
    int fd = memfd_create("flood", MFD_CLOEXEC);
    size_t size = strlen(flood->message);
    if (fd_write_all(fd, flood->message, size) != RESULT_OK)
        return NULL;
    for (unsigned i = 0; i < flood->count; i++) {
        struct findings *findings = NULL;
        struct arena *arena = arena_new(0);
        enum result result = inspector_run(flood->inspector, fd, size, arena, &findings, NULL);
        flood->answered += result == RESULT_OK && findings->complete && findings->n_from == 1;
        arena_free(arena);
    }
    fd_close(&fd);
    return NULL;
}

/* One worker, many who send what only looks like documents, and some who send documents. */
static void mail_taken_for_documents_keeps_none_from_being_opened(void **state)
{
    enum { SENDERS = 12, EACH = 20, REAL = 3 };
    static const char looks[] = "From: a@b.example\r\n\r\nContent-Type: application/pdf\r\n",
                      real[] = "From: a@b.example\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\n";
    struct fixture *fixture = *state;
    struct flood floods[SENDERS];
    pthread_t threads[SENDERS];
    start_with(fixture, ORDER_BY_HINT, 1);
    for (unsigned i = 0; i < SENDERS; i++) {
        floods[i] = (struct flood){fixture->inspector, i < REAL ? real : looks, EACH, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, send_flood, &floods[i]), 0);
    }
    for (unsigned i = 0; i < SENDERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(floods[i].answered, EACH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(killed_template_costs_no_message),
        ROW(killed_child_leaves_an_incomplete_answer),
        ROW(template_killed_in_the_middle_is_replaced),
        ROW(killed_reader_leaves_its_document_unread),
        ROW(reader_killed_before_it_said_what_the_message_is_costs_nothing),
        ROW(reader_template_killed_in_the_middle_is_replaced),
        ROW(message_without_documents_asks_no_reader),
        ROW(slow_documents_hold_up_no_other_mail),
        ROW(slow_documents_hold_up_no_mail_that_was_taken_for_one),
        ROW(mail_taken_for_documents_keeps_none_from_being_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
