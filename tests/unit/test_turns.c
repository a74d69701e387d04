/* SPDX-License-Identifier: Apache-2.0 */

/* Who may read documents at once: by number, by size, and in the order they came. */

#include "base/clock.h"
#include "inspect/turns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

enum { AT_ONCE = 3, BYTES = 40, FOREVER_MS = 60 * 1000 };

static enum result try_now(struct turns *turns, uint64_t bytes)
{
    return turns_take(turns, bytes, clock_monotonic_ms());
}

static void takes(void **state)
{
    static const struct {
        const char *name;
        uint64_t held[AT_ONCE]; /* 0: nobody */
        uint64_t bytes;
        enum result result;
    } rows[] = {
        {"the first", {0}, 10, RESULT_OK},
        {"as many as may", {1, 1}, 1, RESULT_OK},
        {"one too many", {1, 1, 1}, 1, RESULT_TRY_LATER},
        {"just the bytes there are", {20}, 20, RESULT_OK},
        {"a byte too many", {20}, 21, RESULT_TRY_LATER},
        {"larger than all, alone", {0}, 1000, RESULT_OK},
        {"larger than all, beside a small one", {1}, 1000, RESULT_TRY_LATER},
        {"a small one beside what is larger than all", {1000}, 1, RESULT_TRY_LATER},
        {"of no size beside what is larger than all", {1000}, 0, RESULT_OK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct turns turns;
        turns_init(&turns, AT_ONCE, BYTES);
        for (size_t k = 0; k < AT_ONCE && rows[i].held[k]; k++)
            assert_int_equal(try_now(&turns, rows[i].held[k]), RESULT_OK);
        if (try_now(&turns, rows[i].bytes) != rows[i].result)
            fail_msg("%s: not as it should be", rows[i].name);
        /* What is given back is there again, all of it. */
        for (size_t k = 0; k < AT_ONCE && rows[i].held[k]; k++)
            turns_give(&turns, rows[i].held[k]);
        if (rows[i].result == RESULT_OK)
            turns_give(&turns, rows[i].bytes);
        assert_int_equal(try_now(&turns, BYTES), RESULT_OK);
        turns_destroy(&turns);
    }
}

struct large {
    struct turns *turns;
    int64_t wait_ms;
    enum result result;
};

static void *take_large(void *context)
{
    struct large *large = context;
    large->result = turns_take(large->turns, 30, clock_monotonic_ms() + large->wait_ms);
    return NULL;
}

static void wait_until_it_waits(struct turns *turns)
{
    for (bool waits = false; !waits; usleep(1000)) {
        (void)pthread_mutex_lock(&turns->lock);
        waits = turns->first != NULL;
        (void)pthread_mutex_unlock(&turns->lock);
    }
}

static void small_ones_do_not_pass_a_large_one_that_waits(void **state)
{
    struct turns turns;
    pthread_t thread;
    (void)state;
    turns_init(&turns, AT_ONCE, BYTES);
    struct large large = {&turns, FOREVER_MS, RESULT_BUG};
    assert_int_equal(try_now(&turns, 20), RESULT_OK);
    assert_int_equal(pthread_create(&thread, NULL, take_large, &large), 0);
    wait_until_it_waits(&turns);
    assert_int_equal(try_now(&turns, 5), RESULT_TRY_LATER);
    turns_give(&turns, 20);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(large.result, RESULT_OK);
    assert_int_equal(try_now(&turns, 5), RESULT_OK);
    turns_destroy(&turns);
}

static void who_gives_up_keeps_nobody_waiting(void **state)
{
    struct turns turns;
    pthread_t thread;
    (void)state;
    turns_init(&turns, AT_ONCE, BYTES);
    struct large large = {&turns, 300, RESULT_BUG};
    assert_int_equal(try_now(&turns, 20), RESULT_OK);
    assert_int_equal(pthread_create(&thread, NULL, take_large, &large), 0);
    wait_until_it_waits(&turns);
    assert_int_equal(turns_take(&turns, 5, clock_monotonic_ms() + FOREVER_MS), RESULT_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(large.result, RESULT_TRY_LATER);
    turns_destroy(&turns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes),
        cmocka_unit_test(small_ones_do_not_pass_a_large_one_that_waits),
        cmocka_unit_test(who_gives_up_keeps_nobody_waiting),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
