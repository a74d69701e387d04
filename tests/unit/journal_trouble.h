/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_JOURNAL_TROUBLE_H
#define KHATM_TESTS_JOURNAL_TROUBLE_H

/* What the tests of a journal in trouble share: appends that are to fail in time, and children that are
 * nobody. */

#include "journal_sample.h"

#include "base/clock.h"

static inline int scratch_setup(void **state)
{
    struct scratch *scratch = calloc(1, sizeof *scratch);
    assert_non_null(scratch);
    scratch_make(scratch);
    *state = scratch;
    return 0;
}

static inline int scratch_teardown(void **state)
{
    scratch_remove(*state);
    free(*state);
    return 0;
}

static inline enum result try_append(struct journal *journal, struct problem *problem, int64_t *took_ms)
{
    struct sample sample;
    uint64_t sequence;
    sample_make(&sample);
    int64_t before = clock_monotonic_ms();
    enum result result = journal_append(journal, &sample.record, &sequence, problem);
    *took_ms = clock_monotonic_ms() - before;
    return result;
}

static inline void assert_fails(struct journal *journal, const char *words)
{
    enum { SLACK_MS = 15000 };
    struct problem problem = {{0}};
    int64_t took_ms = 0;
    assert_int_equal(try_append(journal, &problem, &took_ms), RESULT_TRY_LATER);
    if (!strstr(problem.text, words))
        fail_msg("'%s' does not say '%s'", problem.text, words);
    if (took_ms > SAMPLE_WAIT_MS + SLACK_MS)
        fail_msg("'%s' took %lld ms", problem.text, (long long)took_ms);
}

static inline void assert_works(struct journal *journal)
{
    struct problem problem = {{0}};
    int64_t took_ms;
    if (try_append(journal, &problem, &took_ms) != RESULT_OK)
        fail_msg("after the trouble: %s", problem.text);
}

/* Runs `body` in a child, as nobody when we are root; its asserts become the exit status. */
static inline void as_nobody(const struct scratch *scratch, void (*body)(const struct scratch *scratch))
{
    enum { NOBODY = 65534 };
    pid_t child = fork();
    int status = -1;
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
            _exit(2);
        body(scratch);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static inline void demand(bool condition, const char *what, const struct problem *problem)
{
    if (condition)
        return;
    print_error("%s: %s\n", what, problem->text);
    _exit(1);
}

static inline int stop_at_first(const struct record *record, void *context)
{
    (void)record;
    ++*(size_t *)context;
    return 0;
}

#endif
