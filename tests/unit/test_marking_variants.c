/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of policy/markings is reached, in every way of writing it: one test a row of the data. */
#include "markings_world.h"

#include "base/buffer.h"
#include "inspector/letterhead.h"
#include "inspector/markings.h"
#include "inspector/normal.h"
#include "policy/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_ROOM = 1024, TESTS_MAX = 1000 };

static struct markings_world world;

static bool is_arabic(const char *form)
{
    return (unsigned char)*form >= 0xd8 && (unsigned char)*form <= 0xdb;
}

/* Each character of the form with what stands behind it; blanks become `blank`. */
static void write_with(const char *form, const char *behind, const char *blank, struct buffer *out)
{
    for (size_t at = 0, size = strlen(form), from; from = at, at < size;) {
        uint32_t code = fold_next(form, size, &at);
        if (code == ' ') {
            buffer_puts(out, blank);
            continue;
        }
        buffer_append(out, form + from, at - from);
        if (at < size && form[at] != ' ' && fold_class(world.fold, code) != FOLD_OTHER)
            buffer_puts(out, behind);
    }
}

/* Cyrillic capitals for the Latin ones that they look like. */
static void write_look_alike(const char *form, struct buffer *out)
{
    static const char *const pairs[][2] = {{"A", "А"}, {"C", "С"}, {"E", "Е"}, {"I", "І"}, {"O", "О"},
                                           {"S", "Ѕ"}, {"T", "Т"}, {"P", "Р"}, {"M", "М"}};
    for (; *form; form++) {
        size_t i = 0;
        while (i < sizeof pairs / sizeof *pairs && *form != *pairs[i][0])
            i++;
        if (i < sizeof pairs / sizeof *pairs)
            buffer_puts(out, pairs[i][1]);
        else
            buffer_append(out, form, 1);
    }
}

static void read_text(enum text_place place, const char *before, const char *text, const char *after,
                      struct text_finding *finding)
{
    const struct text_about about = {.kind = "text/plain"};
    struct text_sink *sink = text_sink_open(&about);
    assert_non_null(sink);
    text_sink_text(sink, TEXT_BODY, before, strlen(before));
    text_sink_text(sink, place, text, strlen(text));
    text_sink_text(sink, place, after, strlen(after));
    text_sink_close(sink, finding);
}

static const char letterhead[] = "ROYAUME DU MAROC\nMINISTÈRE DE L'INTÉRIEUR\n";

static void expect(const struct marking_row *row, enum text_place place, const char *how, const char *text)
{
    struct text_finding finding;
    bool weak = row->strength == MARKING_WEAK;
    read_text(place, weak ? letterhead : "", text, "\n\nMonsieur le Gouverneur,\n", &finding);
    bool level = row->rank.level < 0 || (finding.has_level && finding.level == (unsigned)row->rank.level);
    if (!level || finding.caveats != row->rank.caveats)
        fail_msg("%s, as '%s': level %d caveats %u", how, text, finding.has_level ? (int)finding.level : -1,
                 finding.caveats);
}

static void marking_is_reached(const struct marking_row *row)
{
    static const struct {
        const char *how, *behind, *blank, *left, *right;
        int arabic; /* 1: only Arabic, -1: only others */
    } ways[] = {
        {"as it is", "", " ", "", "", 0},
        {"decorated", "", " ", "*** ", " ***", 0},
        {"in a box", "", " ", "║ ", " ║", 0},
        {"in brackets", "", " ", "[", "]", 0},
        {"spaced out", " ", "   ", "", "", 0},
        {"spaced out, decorated", " ", "   ", "-- ", " --", 0},
        {"no-break blanks", "", "\u00a0", "", "", 0},
        {"zero width", "\u200b", " ", "", "", 0},
        {"direction marks", "\u200f", " ", "\u202b", "\u202c", 0},
        {"tatweel", "\u0640", " ", "", "", 1},
        {"harakat", "\u064e", " ", "", "", 1},
        {"shadda and tanwin", "\u0651\u064b", " ", "", "", 1},
        {"soft hyphens", "\u00ad", " ", "", "", -1},
        {"hyphens for blanks", "", "-", "", "", -1},
    };
    const char *date = row->dated ? " 12/03/2024" : "";
    struct buffer text;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (ways[i].arabic && (ways[i].arabic > 0) != is_arabic(row->form))
            continue;
        buffer_init(&text, 0);
        buffer_puts(&text, ways[i].left);
        write_with(row->form, ways[i].behind, ways[i].blank, &text);
        buffer_puts(&text, date);
        buffer_puts(&text, ways[i].right);
        expect(row, TEXT_BODY, ways[i].how, buffer_text(&text));
        expect(row, TEXT_HEADER, ways[i].how, buffer_text(&text));
        buffer_free(&text);
    }
    buffer_init(&text, 0);
    write_look_alike(row->form, &text);
    buffer_puts(&text, date);
    expect(row, TEXT_BODY, "look-alikes", buffer_text(&text));
    buffer_free(&text);
}

static void announces(const struct marking_row *row)
{
    char text[TEXT_ROOM];
    const struct marking_row secret = {.rank = {.level = 4}};
    (void)snprintf(text, sizeof text, "%s : Secret", row->form);
    expect(&secret, TEXT_BODY, "announced", text);
}

static void disclaims(const struct marking_row *row)
{
    char text[TEXT_ROOM];
    struct text_finding finding;
    (void)snprintf(text, sizeof text, "CONFIDENTIAL\n\n%s est pour vous seul", row->form);
    read_text(TEXT_BODY, "", text, "\n", &finding);
    assert_false(finding.has_level);
}

static void marking_row(void **state)
{
    const struct marking_row *row = *state;
    switch (row->strength) {
    case MARKING_STRONG:
    case MARKING_WEAK:
        marking_is_reached(row);
        break;
    case MARKING_LABEL:
        announces(row);
        break;
    case MARKING_DISCLAIMER:
        disclaims(row);
        break;
    }
}

static void heading_row(void **state)
{
    static char normal[TEXT_ROOM];
    const struct heading_row *row = *state;
    struct headings *headings = headings_new(world.tables);
    struct letterhead head = {0};
    char text[TEXT_ROOM];
    bool colon = row->kind == HEADING_FIELD && !strchr(row->form, ':');
    (void)snprintf(text, sizeof text, "%s%s", row->form, colon ? " :" : "");
    struct text_line line = {.raw = text, .raw_size = strlen(text), .normal = normal, .number = 1};
    line.normal_size = normal_line(text, line.raw_size, normal, sizeof normal);
    bool found = letterhead_line(&head, headings, &line, false);
    headings_free(headings);
    if (row->kind == HEADING_MAIL)
        assert_int_equal(head.mail_line, 1);
    else {
        assert_true(found);
        assert_true(head.best[row->kind] >= row->weight);
    }
}

static void phrase_row(void **state)
{
    const struct phrase_row *row = *state;
    struct text_finding finding;
    char text[TEXT_ROOM];
    switch (row->use) {
    case PHRASE_NUMBER:
    case PHRASE_REFERENCE:
        (void)snprintf(text, sizeof text, "voir %s : 154/DGCL", row->form);
        break;
    case PHRASE_NOT_AFTER:
        (void)snprintf(text, sizeof text, "voir %s n° 154/DGCL", row->form);
        break;
    case PHRASE_PERSON:
        (void)snprintf(text, sizeof text, "%s\nAB123456\nK45678\nBE845123\nX112233\nCD998877", row->form);
        break;
    }
    read_text(TEXT_BODY, "", text, "\n", &finding);
    assert_int_equal(finding.n_references, row->use == PHRASE_NUMBER || row->use == PHRASE_REFERENCE);
    assert_int_equal(finding.caveats, row->use == PHRASE_PERSON ? CAVEAT_DCP : 0);
}

static void label_row(void **state)
{
    static const char *const fields[] = {"X-Protective-Marking", "Sensitivity", "MSIP_Label_1-2_Name"};
    const struct label_row *row = *state;
    const struct text_about about = {.kind = "application/pdf"};
    struct text_sink *sink = text_sink_open(&about);
    struct text_finding finding;
    char value[TEXT_ROOM];
    assert_non_null(sink);
    (void)snprintf(value, sizeof value, "%s%s", row->scheme == LABEL_MARKING ? "SEC=" : "", row->value);
    if (row->scheme == LABEL_PROPERTY)
        text_sink_property(sink, row->value, "Confidentiel");
    else
        text_sink_property(sink, fields[row->scheme], value);
    text_sink_close(sink, &finding);
    int level = row->scheme == LABEL_PROPERTY ? 3 : row->rank.level;
    assert_int_equal(finding.has_level ? (int)finding.level : -1, level);
    assert_int_equal(finding.caveats, row->rank.caveats);
}

static int open_world(void **state)
{
    const struct text_data data = {world.fold, world.tables};
    return text_sink_prepare(&data, NULL) == RESULT_OK ? 0 : -1;
}

static int close_world(void **state)
{
    markings_forget();
    normal_prepare(NULL);
    return 0;
}

static struct CMUnitTest tests[TESTS_MAX];
static size_t n_tests;

static void add(const char *name, CMUnitTestFunction function, void *row)
{
    if (n_tests == TESTS_MAX)
        exit(1);
    tests[n_tests++] = (struct CMUnitTest){.name = name, .test_func = function, .initial_state = row};
}

int main(void)
{
    markings_world_open(&world);
    struct marking_tables *tables = world.tables;
    for (size_t i = 0; i < tables->n_markings; i++)
        add(tables->markings[i].form, marking_row, &tables->markings[i]);
    for (size_t i = 0; i < tables->n_headings; i++)
        add(tables->headings[i].form, heading_row, &tables->headings[i]);
    for (size_t i = 0; i < tables->n_phrases; i++)
        add(tables->phrases[i].form, phrase_row, &tables->phrases[i]);
    for (size_t i = 0; i < tables->n_labels; i++)
        add(tables->labels[i].value, label_row, &tables->labels[i]);
    int failed = _cmocka_run_group_tests("marking variants", tests, n_tests, open_world, close_world);
    markings_world_close(&world);
    return failed;
}
