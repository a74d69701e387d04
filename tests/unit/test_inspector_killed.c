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

/* What khatm-inspector said of the message holds; what khatm-reader was to open is unread. */
static void killed_reader_leaves_its_document_unread(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    struct killer killer = {.template = child_of(getpid(), reader_program), .program = reader_program};
    put_large_document(fixture);
    assert_int_equal(pthread_create(&thread, NULL, kill_child, &killer), 0);
    const struct findings *findings = run(fixture);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_document_is_unread(findings);
    assert_string_equal(findings->parts[1].why, "the inspector ended on it");
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

/* One worker, and a document that takes long: who has nothing to open does not wait for it. */
static void slow_documents_hold_up_no_other_mail(void **state)
{
    struct fixture *fixture = *state;
    struct inspector_settings one = settings;
    struct waiting waiting = {.fd = memfd_create("document", MFD_CLOEXEC)};
    pthread_t thread;
    one.workers = 1;
    inspector_free(fixture->inspector);
    assert_int_equal(inspector_new(&one, &fixture->inspector, NULL), RESULT_OK);
    waiting.inspector = fixture->inspector;
    put_large_document(fixture);
    assert_int_equal(fflush(fixture->message), 0);
    off_t size = lseek(fixture->fd, 0, SEEK_END);
    assert_int_equal(sendfile(waiting.fd, fixture->fd, &(off_t){0}, (size_t)size), size);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(killed_template_costs_no_message),
        ROW(killed_child_leaves_an_incomplete_answer),
        ROW(template_killed_in_the_middle_is_replaced),
        ROW(killed_reader_leaves_its_document_unread),
        ROW(reader_template_killed_in_the_middle_is_replaced),
        ROW(message_without_documents_asks_no_reader),
        ROW(slow_documents_hold_up_no_other_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
