/* SPDX-License-Identifier: Apache-2.0 */
/* The files of policy/markings: the shipped ones are good, a wrong line is named, the pack is read back. */
#include "markings_world.h"

#include "policy/facts.h"
#include "policy/reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct markings_world world;

static void shipped_files_are_read(void **state)
{
    const struct marking_tables *tables = world.tables;
    assert_true(tables->n_markings > 90);
    assert_true(tables->n_headings > 60);
    assert_true(tables->n_phrases > 50);
    assert_true(tables->n_labels > 20);
    assert_int_equal(tables->list_beside, 5);
    assert_int_equal(tables->list_alone, 20);
    assert_string_equal(tables->markings[0].form, "PUBLIC");
    assert_int_equal(tables->markings[0].rank.level, 0);
    assert_int_equal(tables->markings[0].strength, MARKING_WEAK);
}

static const struct {
    const char *name;
    enum marking_file file;
    const char *text;
    unsigned line;
    const char *refusal;
} wrong[] = {
    {"too few columns", MARKING_FILE_MARKINGS, "# x\n4\tfr\tSECRET\n", 2,
     "3 columns where 4 are needed: put one tab between two"},
    {"blanks for tabs", MARKING_FILE_HEADINGS, "3 fr state ROYAUME\n", 1,
     "1 columns where 4 are needed: put one tab between two"},
    {"level out of range", MARKING_FILE_MARKINGS, "6\tfr\tX\tS\n", 1, "'6' is no rank: "},
    {"level twice", MARKING_FILE_MARKINGS, "3+4\tfr\tX\tS\n", 1, "'3+4' is no rank: "},
    {"unknown caveat", MARKING_FILE_MARKINGS, "3+ENQUÊTE\tfr\tX\tS\n", 1, "'3+ENQUÊTE' is no rank: "},
    {"unknown strength", MARKING_FILE_MARKINGS, "3\tfr\tX\tT\n", 1, "'T' is no strength: write S, W, L or D"},
    {"strong without a rank", MARKING_FILE_MARKINGS, "-\tfr\tX\tS\n", 1, "S and W need a level or a caveat"},
    {"disclaimer with a rank", MARKING_FILE_MARKINGS, "3\tfr\tX\tD\n", 1, "S and W need a level or a caveat"},
    {"form of signs only", MARKING_FILE_MARKINGS, "3\tfr\t***\tS\n", 1, "'***' has no letters"},
    {"form of a date only", MARKING_FILE_MARKINGS, "EMBARGO\tfr\t *\tS\n", 1, "' *' has no letters"},
    {"one form, two levels", MARKING_FILE_MARKINGS, "3\tfr\tSECRET\tS\n4\ten\tSé-cret\tS\n", 2,
     "'Sé-cret' is written like 'SECRET' above, which means something else: keep one"},
    {"not UTF-8", MARKING_FILE_MARKINGS, "3\tfr\tTR\xc8S SECRET\tS\n", 1, "the line is not UTF-8"},
    {"heading kind", MARKING_FILE_HEADINGS, "3\tfr\tking\tROYAUME\n", 1, "'king' is no kind"},
    {"heading weight", MARKING_FILE_HEADINGS, "30\tfr\tstate\tROYAUME\n", 1, "'30' is no weight"},
    {"heading weight 0", MARKING_FILE_HEADINGS, "0\tfr\tstate\tROYAUME\n", 1, "'0' is no weight"},
    {"reference word", MARKING_FILE_REFERENCES, "before\tfr\tN°\n", 1, "'before' is unknown here"},
    {"count", MARKING_FILE_PERSONAL, "alone\tmany\n", 1, "'many' is no count"},
    {"personal word", MARKING_FILE_PERSONAL, "words\tfr\tCIN\n", 1, "'words' is unknown here"},
    {"label scheme", MARKING_FILE_LABELS, "ms\tX\t3\n", 1, "'ms' is no scheme"},
    {"label without a rank", MARKING_FILE_LABELS, "mip\tX\t-\n", 1, "a property takes -"},
    {"property with a rank", MARKING_FILE_LABELS, "property\tX\t3\n", 1, "a property takes -"},
};

static void wrong_row(void **state)
{
    const size_t i = *(const size_t *)*state;
    struct marking_tables *tables = marking_tables_new();
    struct refusal refusal = {0};
    assert_int_equal(marking_tables_parse(tables, wrong[i].file, world.fold, wrong[i].text,
                                          strlen(wrong[i].text), &refusal),
                     POLICY_REFUSED);
    assert_int_equal(refusal.line, wrong[i].line);
    if (strncmp(refusal.text, wrong[i].refusal, strlen(wrong[i].refusal)) != 0)
        fail_msg("%s", refusal.text);
    marking_tables_free(tables);
}

static void the_same_twice_is_no_mistake(void **state)
{
    static const char text[] = "4\tfr\tSECRET\tS\r\n\n# x\n4\ten\tSecret\tS\nEMBARGO\tfr\tEMBARGO\tW\n"
                               "EMBARGO\tfr\tEMBARGO *\tS";
    struct marking_tables *tables = marking_tables_new();
    assert_int_equal(
        marking_tables_parse(tables, MARKING_FILE_MARKINGS, world.fold, text, sizeof text - 1, NULL),
        POLICY_OK);
    assert_int_equal(tables->n_markings, 4);
    assert_true(tables->markings[3].dated);
    assert_string_equal(tables->markings[3].form, "EMBARGO");
    assert_int_equal(tables->markings[3].rank.caveats, CAVEAT_EMBARGO);
    marking_tables_free(tables);
}

static void pack_that_was_cut_is_refused(void **state)
{
    const struct fold *fold;
    struct marking_tables *tables;
    assert_false(marking_unpack(world.bytes, world.size - 1, &fold, &tables));
    assert_false(marking_unpack(world.bytes, 16, &fold, &tables));
    assert_false(marking_unpack(world.bytes, 1000, &fold, &tables));
    uint64_t *head = world.bytes;
    head[1]++;
    assert_false(marking_unpack(world.bytes, world.size, &fold, &tables));
    head[1]--;
    assert_true(marking_unpack(world.bytes, world.size, &fold, &tables));
    marking_tables_free(tables);
}

static void reference_keys(void **state)
{
    static const struct {
        const char *text, *key, *reversed;
    } rows[] = {
        {"1715-1232/A", "1715/1232/A", "A/1232/1715"},
        {" 1715 – 1232 / a ", "1715/1232/A", "A/1232/1715"},
        {"n° 154/DGCL/DFL", "N/154/DGCL/DFL", "DFL/DGCL/154/N"},
        {"0154/dgcl", "154/DGCL", "DGCL/154"},
        {"٦٧٤٫١٨", "674/18", "18/674"},
        {"3/2014", "3/2014", "2014/3"},
        {"000", "0", "0"},
        {"و.د/٢٠٢٤/١٢", "و/د/2024/12", "12/2024/د/و"},
    };
    char key[REFERENCE_KEY_ROOM], reversed[REFERENCE_KEY_ROOM];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(reference_key(world.fold, rows[i].text, strlen(rows[i].text), key));
        assert_string_equal(key, rows[i].key);
        reference_reverse(key, reversed);
        assert_string_equal(reversed, rows[i].reversed);
        reference_reverse(reversed, key);
        assert_string_equal(key, rows[i].key);
    }
    assert_false(reference_key(world.fold, " / - ", 5, key));
    assert_false(reference_key(world.fold, "1/2/3/4/5/6/7/8/9/10/11/12/13", 29, key));
    char text[200];
    memset(text, 'A', sizeof text);
    assert_false(reference_key(world.fold, text, sizeof text, key));
}

static int open_world(void **state)
{
    markings_world_open(&world);
    return 0;
}

static int close_world(void **state)
{
    markings_world_close(&world);
    return 0;
}

enum { ROWS = sizeof wrong / sizeof *wrong, OTHERS = 4 };

int main(void)
{
    static size_t numbers[ROWS];
    struct CMUnitTest tests[ROWS + OTHERS] = {
        cmocka_unit_test(shipped_files_are_read), cmocka_unit_test(the_same_twice_is_no_mistake),
        cmocka_unit_test(pack_that_was_cut_is_refused), cmocka_unit_test(reference_keys)};
    for (size_t i = 0; i < ROWS; i++) {
        numbers[i] = i;
        tests[OTHERS + i] =
            (struct CMUnitTest){.name = wrong[i].name, .test_func = wrong_row, .initial_state = &numbers[i]};
    }
    return cmocka_run_group_tests(tests, open_world, close_world);
}
