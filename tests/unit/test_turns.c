/* SPDX-License-Identifier: Apache-2.0 */

/* Who is served at once: by number, by size, by share, and in the order they came. */

#include "base/clock.h"
#include "helper/turns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

enum { AT_ONCE = 3, BYTES = 40, FOREVER_MS = 60 * 1000, CROWD = 8, ROUNDS = 200 };

static enum result try_now(struct turns *turns, struct turn *turn)
{
    return turns_take(turns, turn, clock_monotonic_ms());
}

/* Of nobody who stays. */
static enum result is_free_for(struct turns *turns, struct turn turn)
{
    enum result result = try_now(turns, &turn);
    if (result == RESULT_OK)
        turns_give(turns, &turn);
    return result;
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
        struct turn held[AT_ONCE];
        turns_init(&turns, AT_ONCE, BYTES);
        for (size_t k = 0; k < AT_ONCE && rows[i].held[k]; k++) {
            held[k] = (struct turn){.bytes = rows[i].held[k]};
            assert_int_equal(try_now(&turns, &held[k]), RESULT_OK);
        }
        if (is_free_for(&turns, (struct turn){.bytes = rows[i].bytes}) != rows[i].result)
            fail_msg("%s: not as it should be", rows[i].name);
        /* What is given back is there again, all of it. */
        for (size_t k = 0; k < AT_ONCE && rows[i].held[k]; k++)
            turns_give(&turns, &held[k]);
        assert_int_equal(is_free_for(&turns, (struct turn){.bytes = BYTES}), RESULT_OK);
        turns_destroy(&turns);
    }
}

static void of_one_share_half_are_served(void **state)
{
    static const struct {
        const char *name;
        unsigned at_once;
        struct turn held[AT_ONCE], wants;
        enum result result;
    } rows[] = {
        {"the first of a share", 2, {{0}}, {.share = "a"}, RESULT_OK},
        {"the second of two", 2, {{.share = "a"}}, {.share = "a"}, RESULT_TRY_LATER},
        {"of another share", 2, {{.share = "a"}}, {.share = "b"}, RESULT_OK},
        {"of no share", 2, {{.share = "a"}}, {0}, RESULT_OK},
        {"two of three", 3, {{.share = "a"}}, {.share = "a"}, RESULT_OK},
        {"three of three", 3, {{.share = "a"}, {.share = "a"}}, {.share = "a"}, RESULT_TRY_LATER},
        {"the only one there is", 1, {{0}}, {.share = "a"}, RESULT_OK},
        {"one to spare of two", 2, {{0}}, {.spare = true}, RESULT_OK},
        {"none to spare of one", 1, {{0}}, {.spare = true}, RESULT_TRY_LATER},
        {"no more than half to spare", 3, {{.spare = true}}, {.spare = true}, RESULT_TRY_LATER},
        {"what was to spare is of no share", 2, {{.share = "a", .spare = true}}, {.share = "a"}, RESULT_OK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct turns turns;
        struct turn held[AT_ONCE];
        size_t n = 0;
        turns_init(&turns, rows[i].at_once, UINT64_MAX);
        for (; n < AT_ONCE && (rows[i].held[n].share || rows[i].held[n].spare); n++) {
            held[n] = rows[i].held[n];
            assert_int_equal(try_now(&turns, &held[n]), RESULT_OK);
        }
        if (is_free_for(&turns, rows[i].wants) != rows[i].result)
            fail_msg("%s: not as it should be", rows[i].name);
        while (n)
            turns_give(&turns, &held[--n]);
        turns_destroy(&turns);
    }
}

/* A thread that waits for its turn, and gives it back at once. */
struct waiting {
    struct turns *turns;
    struct turn turn;
    int64_t wait_ms;
    enum result result;
    unsigned *served, place; /* how many were before it */
    pthread_t thread;
};

static void *wait_in_line(void *context)
{
    struct waiting *waiting = context;
    waiting->result = turns_take(waiting->turns, &waiting->turn, clock_monotonic_ms() + waiting->wait_ms);
    if (waiting->result != RESULT_OK)
        return NULL;
    if (waiting->served) /* one at once: whoever has the turn is alone here */
        waiting->place = (*waiting->served)++;
    turns_give(waiting->turns, &waiting->turn);
    return NULL;
}

static void wait_until_so_many_wait(struct turns *turns, unsigned n)
{
    for (unsigned waiting = 0; waiting != n; usleep(100)) {
        (void)pthread_mutex_lock(&turns->lock);
        waiting = turns->n_waiting;
        (void)pthread_mutex_unlock(&turns->lock);
    }
}

static void queue_up(struct waiting *waiting, unsigned n_waiting)
{
    waiting->result = RESULT_BUG;
    assert_int_equal(pthread_create(&waiting->thread, NULL, wait_in_line, waiting), 0);
    wait_until_so_many_wait(waiting->turns, n_waiting);
}

static void first_come_first_served(void **state)
{
    struct turns turns;
    (void)state;
    turns_init(&turns, 1, UINT64_MAX);
    for (unsigned round = 0; round < ROUNDS / CROWD; round++) {
        struct turn first = {0};
        struct waiting crowd[CROWD];
        unsigned served = 0;
        assert_int_equal(try_now(&turns, &first), RESULT_OK);
        for (unsigned i = 0; i < CROWD; i++) {
            crowd[i] = (struct waiting){.turns = &turns, .wait_ms = FOREVER_MS, .served = &served};
            queue_up(&crowd[i], i + 1);
        }
        turns_give(&turns, &first);
        for (unsigned i = 0; i < CROWD; i++) {
            assert_int_equal(pthread_join(crowd[i].thread, NULL), 0);
            assert_int_equal(crowd[i].result, RESULT_OK);
            assert_int_equal(crowd[i].place, i);
        }
    }
    turns_destroy(&turns);
}

/* Who has a turn and wants another at once waits behind those who came before, awake or not. */
static void nobody_comes_back_before_who_waits(void **state)
{
    struct turns turns;
    (void)state;
    turns_init(&turns, 1, UINT64_MAX);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct turn mine = {0};
        unsigned served = 0;
        struct waiting other = {.turns = &turns, .wait_ms = FOREVER_MS, .served = &served};
        assert_int_equal(try_now(&turns, &mine), RESULT_OK);
        queue_up(&other, 1);
        turns_give(&turns, &mine);
        assert_int_equal(turns_take(&turns, &mine, clock_monotonic_ms() + FOREVER_MS), RESULT_OK);
        assert_int_equal(served, 1);
        turns_give(&turns, &mine);
        assert_int_equal(pthread_join(other.thread, NULL), 0);
    }
    turns_destroy(&turns);
}

static void small_ones_do_not_pass_a_large_one_that_waits(void **state)
{
    struct turns turns;
    struct turn mine = {.bytes = 20};
    (void)state;
    turns_init(&turns, AT_ONCE, BYTES);
    struct waiting large = {.turns = &turns, .turn = {.bytes = 30}, .wait_ms = FOREVER_MS};
    assert_int_equal(try_now(&turns, &mine), RESULT_OK);
    queue_up(&large, 1);
    assert_int_equal(is_free_for(&turns, (struct turn){.bytes = 5}), RESULT_TRY_LATER);
    turns_give(&turns, &mine);
    assert_int_equal(pthread_join(large.thread, NULL), 0);
    assert_int_equal(large.result, RESULT_OK);
    assert_int_equal(is_free_for(&turns, (struct turn){.bytes = 5}), RESULT_OK);
    turns_destroy(&turns);
}

static void who_waits_for_a_share_is_passed_by_others_alone(void **state)
{
    struct turns turns;
    struct turn mine = {.share = "a"};
    (void)state;
    turns_init(&turns, 2, UINT64_MAX);
    struct waiting second = {.turns = &turns, .turn = {.share = "a"}, .wait_ms = FOREVER_MS};
    assert_int_equal(try_now(&turns, &mine), RESULT_OK);
    queue_up(&second, 1);
    assert_int_equal(is_free_for(&turns, (struct turn){.share = "b"}), RESULT_OK);
    assert_int_equal(is_free_for(&turns, (struct turn){.share = "a"}), RESULT_TRY_LATER);
    /* Somebody waits: nothing is to spare. */
    assert_int_equal(is_free_for(&turns, (struct turn){.spare = true}), RESULT_TRY_LATER);
    turns_give(&turns, &mine);
    assert_int_equal(pthread_join(second.thread, NULL), 0);
    assert_int_equal(second.result, RESULT_OK);
    turns_destroy(&turns);
}

static void who_gives_up_keeps_nobody_waiting(void **state)
{
    struct turns turns;
    struct turn mine = {.bytes = 20}, small = {.bytes = 5};
    (void)state;
    turns_init(&turns, AT_ONCE, BYTES);
    struct waiting large = {.turns = &turns, .turn = {.bytes = 30}, .wait_ms = 300};
    assert_int_equal(try_now(&turns, &mine), RESULT_OK);
    queue_up(&large, 1);
    assert_int_equal(turns_take(&turns, &small, clock_monotonic_ms() + FOREVER_MS), RESULT_OK);
    assert_int_equal(pthread_join(large.thread, NULL), 0);
    assert_int_equal(large.result, RESULT_TRY_LATER);
    turns_give(&turns, &small);
    turns_give(&turns, &mine);
    turns_destroy(&turns);
}

static void so_many_may_wait_and_no_more(void **state)
{
    struct turns turns;
    struct turn mine = {0};
    (void)state;
    turns_init(&turns, 1, UINT64_MAX);
    turns.waiting_max = 1;
    struct waiting second = {.turns = &turns, .wait_ms = FOREVER_MS};
    assert_int_equal(try_now(&turns, &mine), RESULT_OK);
    queue_up(&second, 1);
    assert_int_equal(is_free_for(&turns, (struct turn){0}), RESULT_NOT_FOUND);
    turns_give(&turns, &mine);
    assert_int_equal(pthread_join(second.thread, NULL), 0);
    assert_int_equal(is_free_for(&turns, (struct turn){0}), RESULT_OK);
    turns_destroy(&turns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes),
        cmocka_unit_test(of_one_share_half_are_served),
        cmocka_unit_test(first_come_first_served),
        cmocka_unit_test(nobody_comes_back_before_who_waits),
        cmocka_unit_test(small_ones_do_not_pass_a_large_one_that_waits),
        cmocka_unit_test(who_waits_for_a_share_is_passed_by_others_alone),
        cmocka_unit_test(so_many_may_wait_and_no_more),
        cmocka_unit_test(who_gives_up_keeps_nobody_waiting),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
