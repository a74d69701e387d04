/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_INSPECTOR_FIXTURE_H
#define KHATM_TESTS_INSPECTOR_FIXTURE_H

/* The real khatm-inspector and khatm-reader, started as the daemon starts them, and one message to write.
 * Include in one file of a program. */

#include "base/clock.h"
#include "base/fd.h"
#include "inspect/inspector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEADLINE_MS = 10 * 1000 };

static struct inspector_settings settings = {.program = KHATM_BUILD_DIR "/khatm-inspector",
                                             .reader = KHATM_BUILD_DIR "/khatm-reader",
                                             .workers = 4,
                                             .deadline_ms = DEADLINE_MS,
                                             .memory = (uint64_t)256 << 20,
                                             .depth = 64,
                                             .parts = 1000};

struct fixture {
    struct inspector *inspector;
    struct arena *arena;
    FILE *message;
    int fd;
};

static inline int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct problem problem = {{0}};
    if (!fixture || inspector_new(&settings, &fixture->inspector, &problem) != RESULT_OK) {
        fprintf(stderr, "%s\n", problem.text);
        free(fixture);
        return -1;
    }
    fixture->arena = arena_new(0);
    fixture->fd = memfd_create("message", MFD_CLOEXEC);
    fixture->message = fdopen(dup(fixture->fd), "w");
    *state = fixture;
    return fixture->message && fixture->arena ? 0 : -1;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    inspector_free(fixture->inspector);
    arena_free(fixture->arena);
    (void)fclose(fixture->message);
    fd_close(&fixture->fd);
    free(fixture);
    return 0;
}

static inline struct findings *run(struct fixture *fixture)
{
    struct findings *findings = NULL;
    struct problem problem = {{0}};
    assert_int_equal(fflush(fixture->message), 0);
    off_t size = lseek(fixture->fd, 0, SEEK_END);
    enum result result =
        inspector_run(fixture->inspector, fixture->fd, (uint64_t)size, fixture->arena, &findings, &problem);
    if (result != RESULT_OK)
        fail_msg("%s: %s", result_name(result), problem.text);
    return findings;
}

static inline void put(struct fixture *fixture, const char *text)
{
    assert_true(fputs(text, fixture->message) >= 0);
}

static inline void rewrite(struct fixture *fixture, const char *text)
{
    rewind(fixture->message);
    assert_int_equal(ftruncate(fixture->fd, 0), 0);
    put(fixture, text);
}

static const char plain[] = "From: agent@interieur.gov.example\r\nTo: x@gmail.com\r\n\r\nBonjour\r\n";

static inline void assert_plain(const struct findings *findings)
{
    assert_true(findings->complete);
    assert_int_equal(findings->n_parts, 1);
    assert_int_equal(findings->parts[0].flags, 0);
    assert_string_equal(findings->parts[0].path, "1");
    assert_int_equal(findings->n_from, 1);
    assert_int_equal(findings->n_addresses, 2);
    assert_string_equal(findings->addresses[0].address, "agent@interieur.gov.example");
}

static inline void put_large(struct fixture *fixture)
{
    put(fixture, "From: a@b.example\r\n\r\n");
    for (int i = 0; i < 400 * 1000; i++)
        put(fixture, "Une ligne de texte comme une autre, assez longue pour prendre du temps.\r\n");
}

static inline bool is_called(int pid, const char *name)
{
    char path[64], comm[32] = "";
    (void)snprintf(path, sizeof path, "/proc/%d/comm", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    bool got = fscanf(file, "%31s", comm) == 1;
    (void)fclose(file);
    return got && !strcmp(comm, name);
}

/* 0: none. */
static inline pid_t child_of(pid_t parent, const char *name)
{
    char path[64];
    int child = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    do
        if (fscanf(file, "%d", &child) != 1)
            child = 0;
    while (child && !is_called(child, name));
    (void)fclose(file);
    return child;
}

static const char first_program[] = "khatm-inspector";

#define ROW(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
