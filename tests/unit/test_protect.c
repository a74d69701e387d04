/* SPDX-License-Identifier: Apache-2.0 */

/* Header protection: what a sealed message shows outside and what it carries inside. */

#include "base/arena.h"
#include "base/buffer.h"
#include "enforce/protect.h"
#include "message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char outer_subject[] = "Pli administratif scelle [KH-0000-0000]";

struct field_case {
    const char *row;
    const char *name, *value; /* the field given */
    const char *inside;       /* must stand in the inner section; NULL: must not */
    int deleted_outside;
};

static const struct field_case field_cases[] = {
    {"subject is hidden", "Subject", " Mutation de M. X", "Subject: Mutation de M. X\r\n", 1},
    {"From stays outside too", "From", " a@interieur.gov.example",
     "From: a@interieur.gov.example\r\nHP-Outer", 0},
    {"HP-Outer tells what is outside", "To", " b@finances.gov.example",
     "HP-Outer: To: b@finances.gov.example\r\n", 0},
    {"unknown fields go inside only", "X-Dossier", " 154/DGCL", "X-Dossier: 154/DGCL\r\n", 1},
    {"Thread-Topic repeats the subject", "Thread-Topic", " Mutation", "Thread-Topic: Mutation\r\n", 1},
    {"Comments", "Comments", " secret", "Comments: secret\r\n", 1},
    {"blind copies are nowhere", "Bcc", " c@finances.gov.example", NULL, 1},
    {"trace fields do not go inside", "Received", " from x by y", NULL, 0},
    {"type moves inside, marked", "Content-Type", " text/plain; charset=utf-8",
     "Content-Type: text/plain; charset=utf-8;\r\n protected-headers=\"v1\"; hp=\"cipher\"\r\n", 1},
    {"a semicolon at the end is not doubled, nor lost", "Content-Type", " text/plain; ",
     "Content-Type: text/plain;\r\n protected-headers=\"v1\"; hp=\"cipher\";\r\n", 1},
    {"type keeps its name", "CONTENT-TYPE", " text/plain",
     "CONTENT-TYPE: text/plain;\r\n protected-headers=\"v1\"; hp=\"cipher\"\r\n", 1},
    {"version is inside as it is outside", "MIME-Version", " 1.0 (Poste)", "MIME-Version: 1.0 (Poste)\r\n",
     0},
    {"no subject: the outer one is for the way alone", "To", " b",
     "HP-Outer: Subject: Pli administratif scelle [KH-0000-0000]\r\n", 0},
    {"encoding moves inside", "Content-Transfer-Encoding", " 8bit", "Content-Transfer-Encoding: 8bit\r\n", 1},
    {"case of names does not matter", "CONTENT-DISPOSITION", " attachment",
     "CONTENT-DISPOSITION: attachment\r\n", 1},
    {"folds stay", "Subject", " a\r\n b", "Subject: a\r\n b\r\n", 1},
};

static int is_deleted(const struct header_edit *edits, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (edits[i].kind == HEADER_DELETE && strcmp(edits[i].name, name) == 0)
            return 1;
    return 0;
}

static void test_each_field_goes_where_it_must(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof field_cases / sizeof *field_cases; i++) {
        const struct field_case *c = &field_cases[i];
        struct message message = {.arena = arena_new(0)};
        struct buffer inner;
        const struct header_edit *edits = NULL;
        size_t n = 0;
        buffer_init(&inner, 0);
        assert_int_equal(message_add_header(&message, c->name, c->value), RESULT_OK);
        assert_int_equal(protect_inner(&message, outer_subject, &inner), RESULT_OK);
        assert_int_equal(protect_outer(&message, outer_subject, "b", &edits, &n), RESULT_OK);
        if (c->inside ? !strstr(inner.bytes, c->inside) : strstr(inner.bytes, c->value) != NULL)
            fail_msg("%s: inner section is:\n%s", c->row, inner.bytes);
        if (is_deleted(edits, n, c->name) != c->deleted_outside)
            fail_msg("%s: outside it is%s deleted", c->row, c->deleted_outside ? " not" : "");
        buffer_free(&inner);
        free(message.headers);
        arena_free(message.arena);
    }
}

static void test_deletes_from_the_last_index_down(void **state)
{
    (void)state;
    struct message message = {.arena = arena_new(0)};
    const struct header_edit *edits = NULL;
    size_t n = 0;
    for (int i = 0; i < 3; i++)
        assert_int_equal(message_add_header(&message, i == 1 ? "SUBJECT" : "Subject", " x"), RESULT_OK);
    assert_int_equal(protect_outer(&message, outer_subject, "b", &edits, &n), RESULT_OK);
    assert_int_equal(edits[0].index, 3);
    assert_int_equal(edits[1].index, 2);
    assert_int_equal(edits[2].index, 1);
    free(message.headers);
    arena_free(message.arena);
}

static void test_without_content_type_the_default_is_said(void **state)
{
    (void)state;
    struct message message = {.arena = arena_new(0)};
    struct buffer inner;
    buffer_init(&inner, 0);
    assert_int_equal(protect_inner(&message, outer_subject, &inner), RESULT_OK);
    assert_non_null(strstr(inner.bytes, "Content-Type: text/plain;\r\n protected-headers"));
    buffer_free(&inner);
    arena_free(message.arena);
}

static void test_too_many_fields_are_noticed(void **state)
{
    (void)state;
    struct message message = {.arena = arena_new(0)};
    for (int i = 0; i <= MESSAGE_HEADERS_MAX; i++)
        assert_int_equal(message_add_header(&message, "X-Field", " y"), RESULT_OK);
    assert_true(message.header_too_big);
    assert_int_equal(message.n_headers, MESSAGE_HEADERS_MAX);
    free(message.headers);
    arena_free(message.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_field_goes_where_it_must),
        cmocka_unit_test(test_deletes_from_the_last_index_down),
        cmocka_unit_test(test_without_content_type_the_default_is_said),
        cmocka_unit_test(test_too_many_fields_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
