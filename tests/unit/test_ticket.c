/* SPDX-License-Identifier: Apache-2.0 */

/* What a ticket is good for, and what it is not. */

#include "base/fd.h"
#include "ticket/ticket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum { NOW = 1000, EXPIRES = 2000 };

static const struct ticket_key keys[] = {{.id = "one", .bytes = {1}}, {.id = "two", .bytes = {2}}};
static const char *const rcpts[] = {"directeur@finances.gov.example", "greffe@justice.gov.example"};

static const struct ticket approved = {.reference = "KH-7F3K-29QX",
                                       .role = ROLE_SUBMISSION,
                                       .sender = SENDER_STAFF,
                                       .login = "agent@interieur.gov.example",
                                       .expires = EXPIRES,
                                       .body = {7, 8, 9}};

static const char *written(struct arena *arena, const struct ticket *ticket, size_t n_rcpts)
{
    const char *value = NULL;
    assert_int_equal(ticket_write(ticket, &keys[0], rcpts, n_rcpts, arena, &value), RESULT_OK);
    return value;
}

static enum result read_value(struct arena *arena, const char *value, struct ticket *ticket, const char **why)
{
    return ticket_read(value, keys, COUNT(keys), NOW, arena, ticket, why);
}

static void what_was_approved_comes_back(void **state)
{
    struct arena *arena = arena_new(0);
    struct ticket ticket;
    const char *why;
    assert_int_equal(read_value(arena, written(arena, &approved, 2), &ticket, &why), RESULT_OK);
    assert_string_equal(ticket.reference, approved.reference);
    assert_int_equal(ticket.role, ROLE_SUBMISSION);
    assert_int_equal(ticket.sender, SENDER_STAFF);
    assert_string_equal(ticket.login, approved.login);
    assert_int_equal(ticket.expires, EXPIRES);
    assert_memory_equal(ticket.body, approved.body, DIGEST_BYTES);
    assert_int_equal(ticket_is_for(&ticket, rcpts[0]), FACT_YES);
    assert_int_equal(ticket_is_for(&ticket, rcpts[1]), FACT_YES);
    assert_int_equal(ticket_is_for(&ticket, "cabinet@finances.gov.example"), FACT_NO);
    assert_int_equal(ticket_is_for(&ticket, ""), FACT_NO);
    arena_free(arena);
}

/* One octet changed anywhere, one left out, one more: not a ticket of ours. Blanks say nothing. */
static void any_change_is_seen(void **state)
{
    struct arena *arena = arena_new(0);
    const char *value = written(arena, &approved, 2), *why;
    size_t length = strlen(value);
    struct ticket ticket;
    for (size_t i = 0; i < length; i++) {
        bool blank = strchr(" \n\t", value[i]) != NULL;
        char *changed = arena_strdup(arena, value);
        changed[i] ^= 1;
        enum result result = read_value(arena, changed, &ticket, &why);
        assert_int_equal(result, RESULT_BAD_INPUT);
        memmove(changed + i, value + i + 1, length - i);
        assert_int_equal(read_value(arena, changed, &ticket, &why), blank ? RESULT_OK : RESULT_BAD_INPUT);
        changed = arena_printf(arena, "%.*s0%s", (int)i, value, value + i);
        assert_int_equal(read_value(arena, changed, &ticket, &why), RESULT_BAD_INPUT);
        changed = arena_printf(arena, "%.*s\r\n\t %s", (int)i, value, value + i);
        assert_int_equal(read_value(arena, changed, &ticket, &why), RESULT_OK);
    }
    arena_free(arena);
}

static void nonsense_is_no_ticket(void **state)
{
    static const char *const values[] = {"",
                                         " ",
                                         ";",
                                         ";m=",
                                         "v=1",
                                         "v=1;k=",
                                         "v=1;k=one",
                                         "v=1;k=one;m=",
                                         "v=1;k=one;m=00",
                                         "v=1;k=;m=00",
                                         "m=00;v=1;k=one",
                                         "v=2;k=one;m=00",
                                         "v=1;k=a very long name of a key that nobody has;m=00",
                                         "=;=;=",
                                         "\xff"};
    struct arena *arena = arena_new(0);
    struct ticket ticket;
    const char *why;
    for (size_t i = 0; i < COUNT(values); i++)
        assert_int_equal(read_value(arena, values[i], &ticket, &why), RESULT_BAD_INPUT);
    char *big = arena_alloc(arena, 200000, 1);
    memset(big, 'x', 199999);
    assert_int_equal(read_value(arena, big, &ticket, &why), RESULT_BAD_INPUT);
    arena_free(arena);
}

static void keys_and_time(void **state)
{
    struct arena *arena = arena_new(0);
    const char *value = written(arena, &approved, 2), *why;
    struct ticket ticket;
    const struct ticket_key same_name = {.id = "one", .bytes = {3}};
    assert_int_equal(ticket_read(value, &keys[1], 1, NOW, arena, &ticket, &why), RESULT_BAD_INPUT);
    assert_string_equal(why, "made with a key that is not known here");
    assert_int_equal(ticket_read(value, &same_name, 1, NOW, arena, &ticket, &why), RESULT_BAD_INPUT);
    assert_string_equal(why, "altered");
    assert_int_equal(ticket_read(value, NULL, 0, NOW, arena, &ticket, &why), RESULT_BAD_INPUT);
    assert_int_equal(ticket_read(value, keys, 2, EXPIRES - 1, arena, &ticket, &why), RESULT_OK);
    assert_int_equal(ticket_read(value, keys, 2, EXPIRES, arena, &ticket, &why), RESULT_BAD_INPUT);
    assert_string_equal(why, "expired");
    arena_free(arena);
}

/* Who gets a copy cannot count the blind ones, nor tell who they are. */
static void nobody_is_counted(void **state)
{
    struct arena *arena = arena_new(0);
    const char *one = written(arena, &approved, 1), *two = written(arena, &approved, 2);
    assert_int_equal(strlen(one), strlen(two));
    assert_null(strstr(one, "finances"));
    struct ticket none = approved, ticket;
    none.login = NULL;
    none.sender = SENDER_SERVICE;
    const char *why;
    assert_int_equal(read_value(arena, written(arena, &none, 0), &ticket, &why), RESULT_OK);
    assert_null(ticket.login);
    assert_int_equal(ticket_is_for(&ticket, rcpts[0]), FACT_NO);
    arena_free(arena);
}

/* A digest of one decision is none of another's, though the key and the recipient are the same. */
static void digests_are_of_one_decision(void **state)
{
    struct arena *arena = arena_new(0);
    struct ticket other = approved, ticket;
    const char *why;
    other.reference = "KH-0000-0000";
    assert_int_equal(read_value(arena, written(arena, &approved, 2), &ticket, &why), RESULT_OK);
    ticket.reference = other.reference;
    assert_int_equal(ticket_is_for(&ticket, rcpts[0]), FACT_NO);
    arena_free(arena);
}

static void many_recipients(void **state)
{
    enum { MANY = 2000 };
    struct arena *arena = arena_new(0);
    const char **many = arena_alloc(arena, MANY, sizeof *many), *value, *why;
    struct ticket ticket;
    for (size_t i = 0; i < MANY; i++)
        many[i] = arena_printf(arena, "x%zu@finances.gov.example", i);
    assert_int_equal(ticket_write(&approved, &keys[1], many, MANY, arena, &value), RESULT_OK);
    assert_true(strlen(value) < 65535); /* what one packet of the milter protocol carries */
    assert_int_equal(read_value(arena, value, &ticket, &why), RESULT_OK);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(ticket_is_for(&ticket, many[i]), FACT_YES);
    assert_int_equal(ticket_is_for(&ticket, "x2000@finances.gov.example"), FACT_NO);
    arena_free(arena);
}

static void digest_of(const char *field, const char *body, size_t size, uint8_t digest[DIGEST_BYTES])
{
    const char *const fields[] = {field, NULL};
    int fd = memfd_create("body", MFD_CLOEXEC);
    assert_int_equal(fd_write_all(fd, "....", 4), RESULT_OK);
    assert_int_equal(fd_write_all(fd, body, size), RESULT_OK);
    const struct ticket_reading reading = {.fd = fd, .offset = 4, .size = size, .fields = fields};
    assert_int_equal(ticket_body(&reading, digest), RESULT_OK);
    fd_close(&fd);
}

static bool bodies_are_same(const char *a, const char *b)
{
    uint8_t one[DIGEST_BYTES], other[DIGEST_BYTES];
    digest_of("Content-Type: text/plain", a, strlen(a), one);
    digest_of("Content-Type: text/plain", b, strlen(b), other);
    return memcmp(one, other, sizeof one) == 0;
}

/* RFC 6376, 3.4.3. */
static void empty_lines_at_the_end_say_nothing(void **state)
{
    assert_true(bodies_are_same("", "\r\n"));
    assert_true(bodies_are_same("", "\r\n\r\n\r\n"));
    assert_true(bodies_are_same("a", "a\r\n"));
    assert_true(bodies_are_same("a\r\n", "a\r\n\r\n\r\n"));
    assert_false(bodies_are_same("a\r\n", "a \r\n"));
    assert_false(bodies_are_same("a\r\n", "\r\na\r\n"));
    assert_false(bodies_are_same("a\r\n", "a\r\n\r"));
    assert_false(bodies_are_same("a\r\n", "a\n"));
    assert_false(bodies_are_same("\n", "\r\n"));
    assert_false(bodies_are_same("a", "b"));
}

/* Wherever blocks of reading end. */
static void bodies_of_all_sizes(void **state)
{
    enum { MOST = 3 * 65536 };
    static char body[MOST + 8];
    uint8_t plain[DIGEST_BYTES], longer[DIGEST_BYTES];
    for (size_t size = 65530; size < 65542; size++)
        for (size_t empty = 0; empty < MOST - 65542; empty += empty < 8 ? 2 : 65534) {
            memset(body, 'x', size);
            for (size_t i = 0; i < empty; i += 2)
                memcpy(body + size + i, "\r\n", 2);
            digest_of("Content-Type: a/b", body, size, plain);
            digest_of("Content-Type: a/b", body, size + empty, longer);
            assert_memory_equal(plain, longer, DIGEST_BYTES);
        }
}

static void fields_count(void **state)
{
    uint8_t one[DIGEST_BYTES], other[DIGEST_BYTES];
    digest_of("Content-Type: a/b", "x", 1, one);
    digest_of("Content-Type: a/c", "x", 1, other);
    assert_memory_not_equal(one, other, DIGEST_BYTES);
    digest_of(NULL, "Content-Type: a/b\r\n\r\nx", 22, other);
    assert_memory_not_equal(one, other, DIGEST_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_approved_comes_back),
        cmocka_unit_test(any_change_is_seen),
        cmocka_unit_test(nonsense_is_no_ticket),
        cmocka_unit_test(keys_and_time),
        cmocka_unit_test(nobody_is_counted),
        cmocka_unit_test(digests_are_of_one_decision),
        cmocka_unit_test(many_recipients),
        cmocka_unit_test(empty_lines_at_the_end_say_nothing),
        cmocka_unit_test(bodies_of_all_sizes),
        cmocka_unit_test(fields_count),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("tickets", tests, NULL, NULL);
}
