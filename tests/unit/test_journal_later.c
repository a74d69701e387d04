/* SPDX-License-Identifier: Apache-2.0 */

/* What becomes of records after they were written: replies, erasing, tampering, gaps. */

#include "journal_sample.h"

struct scratch_state {
    struct scratch scratch;
    struct journal *journal;
};

static int setup(void **state)
{
    struct scratch_state *made = calloc(1, sizeof *made);
    assert_non_null(made);
    scratch_make(&made->scratch);
    made->journal = open_journal(&made->scratch);
    *state = made;
    return 0;
}

static int teardown(void **state)
{
    struct scratch_state *made = *state;
    journal_close(made->journal);
    scratch_remove(&made->scratch);
    free(made);
    return 0;
}

static void expect_reply(const struct record *record, void *context)
{
    const int *expected = context;
    assert_int_equal(record->reply, expected[0]);
    assert_int_equal(record->settled, expected[1]);
}

static void test_replies_are_settled_at_the_next_start(void **state)
{
    static const struct {
        const char *name;
        int before[2], after[2];
    } rows[] = {
        {"sent", {REPLY_SENT, 0}, {REPLY_SENT, 0}},
        {"never", {REPLY_NEVER, 0}, {REPLY_NEVER, 0}},
        {"unknown", {REPLY_UNKNOWN, 0}, {REPLY_UNKNOWN, 1}},
    };
    struct scratch_state *made = *state;
    char references[3][REFERENCE_BYTES];
    for (size_t i = 0; i < 3; i++) {
        struct sample sample;
        sample_make(&sample);
        memcpy(references[i], sample.record.reference, REFERENCE_BYTES);
        uint64_t sequence = append(made->journal, &sample.record);
        if (i < 2)
            journal_replied(made->journal, sequence, i == 0);
    }
    for (int start = 0; start < 3; start++) {
        journal_close(made->journal);
        struct problem problem = {{0}};
        assert_int_equal(start ? journal_open(made->scratch.store, SAMPLE_WAIT_MS, &made->journal, &problem)
                               : journal_open_readonly(made->scratch.store, &made->journal, &problem),
                         RESULT_OK);
        for (size_t i = 0; i < 3; i++) {
            int expected[2] = {start ? rows[i].after[0] : rows[i].before[0],
                               start ? rows[i].after[1] : rows[i].before[1]};
            assert_int_equal(find(made->journal, (struct journal_query){.reference = references[i]},
                                  expect_reply, expected),
                             1);
        }
    }
    /* One mark, by the first of the two starts, and it is no record of a decision. */
    struct journal_coverage coverage;
    struct problem problem = {{0}};
    assert_int_equal(journal_cover(made->journal, 0, 0, &coverage, &problem), RESULT_OK);
    assert_int_equal(coverage.n_leaves, 4);
    assert_int_equal(coverage.n_missing, 0);
    assert_int_equal(find(made->journal, (struct journal_query){0}, NULL, NULL), 3);
    shell("/usr/bin/python3 " KHATM_SOURCE_DIR "/tests/unit/journal_format.py %s", made->scratch.path);
}

static void expect_gone(const struct record *record, void *context)
{
    const char *gone = context;
    assert_ptr_equal(record->login, gone);
    assert_ptr_equal(record->envelope_from, gone);
    assert_ptr_equal(record->from, gone);
    assert_ptr_equal(record->client_address, gone);
    assert_ptr_equal(record->message_id, gone);
    assert_ptr_equal(record->rcpts[0].address, gone);
    assert_ptr_equal(record->rcpts[0].typed, gone);
    assert_ptr_equal(record->documents[0].name, gone);
    assert_null(record->documents[1].name);
    assert_string_equal(record->documents[0].sha256, SAMPLE_SHA);
    assert_int_equal(record->rcpts[0].reason, REASON_CONSUMER);
}

static void test_erasing_leaves_the_leaves(void **state)
{
    struct scratch_state *made = *state;
    struct sample sample;
    sample_make(&sample);
    (void)append(made->journal, &sample.record);
    change_store(made->scratch.path, "DELETE FROM identity_key");
    assert_string_equal(journal_erased, "(erased)");
    assert_int_equal(find(made->journal, (struct journal_query){.reference = sample.record.reference},
                          expect_gone, (char *)(uintptr_t)journal_erased),
                     1);
    assert_int_equal(find(made->journal, (struct journal_query){.person = SAMPLE_LOGIN}, NULL, NULL), 0);
    assert_int_equal(
        find(made->journal, (struct journal_query){.message_id = sample.record.message_id}, NULL, NULL), 0);
    shell("/usr/bin/python3 " KHATM_SOURCE_DIR "/tests/unit/journal_format.py --erased %s",
          made->scratch.path);
}

static void expect_nothing_new(const struct record *record, void *context)
{
    (void)context;
    assert_false(record->proven);
    assert_int_equal(record->forward, 0);
    assert_null(record->ticket);
    assert_null(record->rcpts[0].typed);
    assert_string_equal(record->rcpts[0].address, "quelquun@gmail.com");
}

/* As they were written before members were added. */
static void test_records_of_earlier_programs(void **state)
{
    struct scratch_state *made = *state;
    struct sample sample;
    sample_make(&sample);
    (void)append(made->journal, &sample.record);
    change_store(made->scratch.path, "UPDATE record SET leaf = json_remove(leaf, '$.forward', '$.proven',"
                                     " '$.ticket', '$.rcpts[0].typed', '$.rcpts[1].typed')");
    assert_int_equal(find(made->journal, (struct journal_query){.reference = sample.record.reference},
                          expect_nothing_new, NULL),
                     1);
}

static void expect_one_person_gone(const struct record *record, void *context)
{
    (void)context;
    assert_ptr_equal(record->rcpts[0].address, journal_erased);
    assert_string_equal(record->rcpts[1].address, "note@finances.gov.example");
    assert_string_equal(record->login, SAMPLE_LOGIN);
}

static void test_erasing_one_person(void **state)
{
    struct scratch_state *made = *state;
    struct sample sample;
    sample_make(&sample);
    (void)append(made->journal, &sample.record);
    change_store(made->scratch.path, "DELETE FROM identity_key WHERE id ="
                                     " (SELECT key_id FROM identity WHERE field = '/rcpts/0/address')");
    assert_int_equal(find(made->journal, (struct journal_query){0}, expect_one_person_gone, NULL), 1);
}

static void test_changed_side_table_is_seen(void **state)
{
    static const struct {
        const char *name, *sql;
    } rows[] = {
        {"boxes of two records exchanged",
         "CREATE TEMP TABLE o AS SELECT * FROM identity;"
         "UPDATE identity SET (box, nonce) = (SELECT box, nonce FROM o WHERE o.field = identity.field"
         " AND o.sequence = 1 - identity.sequence)"},
        {"boxes cut", "UPDATE identity SET box = substr(box, 1, 20)"},
        {"boxes emptied", "UPDATE identity SET box = x''"},
        {"other keys", "UPDATE identity_key SET key = randomblob(32)"},
        {"short keys", "UPDATE identity_key SET key = x'00'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scratch_state *made = *state;
        struct sample sample;
        for (int k = 0; k < 2; k++) {
            sample_make(&sample);
            (void)append(made->journal, &sample.record);
        }
        change_store(made->scratch.path, rows[i].sql);
        assert_int_equal(
            find(made->journal, (struct journal_query){0}, expect_gone, (char *)(uintptr_t)journal_damaged),
            2);
        assert_int_equal(teardown(state), 0);
        assert_int_equal(setup(state), 0);
    }
}

static void test_gaps_are_said(void **state)
{
    struct scratch_state *made = *state;
    struct problem problem = {{0}};
    struct journal_coverage coverage;
    assert_int_equal(journal_cover(made->journal, 0, 0, &coverage, &problem), RESULT_NOT_FOUND);
    for (int i = 0; i < 10; i++) {
        struct sample sample;
        sample_make(&sample);
        sample.record.time_ms = 1000 + i;
        (void)append(made->journal, &sample.record);
    }
    assert_int_equal(journal_cover(made->journal, 0, 0, &coverage, &problem), RESULT_OK);
    assert_int_equal(coverage.n_leaves, 10);
    assert_int_equal(coverage.n_missing, 0);
    change_store(made->scratch.path, "DELETE FROM record WHERE sequence IN (0, 4, 5, 8)");
    assert_int_equal(journal_cover(made->journal, 0, 0, &coverage, &problem), RESULT_OK);
    assert_int_equal(coverage.first, 1);
    assert_int_equal(coverage.last, 9);
    assert_int_equal(coverage.n_missing, 4);
    assert_int_equal(coverage.n_gaps, 3);
    assert_int_equal(coverage.gaps[0].first, 0);
    assert_int_equal(coverage.gaps[1].first, 4);
    assert_int_equal(coverage.gaps[1].last, 5);
    assert_int_equal(coverage.gaps[2].first, 8);
    assert_int_equal(journal_cover(made->journal, 1006, 1008, &coverage, &problem), RESULT_OK);
    assert_int_equal(coverage.n_missing, 0);
    assert_int_equal(coverage.first, 6);
    assert_int_equal(coverage.last_ms, 1007);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_replies_are_settled_at_the_next_start, setup, teardown),
        cmocka_unit_test_setup_teardown(test_records_of_earlier_programs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_erasing_leaves_the_leaves, setup, teardown),
        cmocka_unit_test_setup_teardown(test_erasing_one_person, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changed_side_table_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gaps_are_said, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
