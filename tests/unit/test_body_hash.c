/* SPDX-License-Identifier: Apache-2.0 */

/* Canonical bodies, against a reader that goes octet by octet, over bodies made of all that matters and fed
 * in pieces of all sizes. */

#include "base/digest.h"
#include "dkim/body_hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BODY_MAX = 400, ROUNDS = 60000 };

/* RFC 6376, 3.4.3: lines as they are, without the empty ones at the end. */
static size_t simple_form(const char *body, size_t size, char *out)
{
    memcpy(out, body, size);
    if (size < 2 || memcmp(out + size - 2, "\r\n", 2) != 0) {
        memcpy(out + size, "\r\n", 2);
        size += 2;
    }
    while (size >= 4 && memcmp(out + size - 4, "\r\n\r\n", 4) == 0)
        size -= 2;
    return size;
}

/* 3.4.4: blanks at the end of a line go, runs of them become one; then the same, and nothing stays nothing.
 */
static size_t relaxed_form(const char *body, size_t size, char *out)
{
    char lines[2 * BODY_MAX];
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        bool blank = body[i] == ' ' || body[i] == '\t';
        size_t next = i;
        while (next < size && (body[next] == ' ' || body[next] == '\t'))
            next++;
        bool at_end = next == size || body[next] == '\r';
        if (blank && !at_end)
            lines[n++] = ' ';
        if (blank)
            i = next - 1;
        else
            lines[n++] = body[i];
    }
    if (!n)
        return 0;
    n = simple_form(lines, n, out);
    return n == 2 ? 0 : n;
}

static void random_body(char *body, size_t *size)
{
    static const char *const pieces[] = {"\r\n", "\r\n\r\n", " ", "\t", "  \t", "a", "bc", ".", "xyz"};
    size_t wanted = (size_t)rand() % (BODY_MAX - 4);
    *size = 0;
    while (*size < wanted) {
        const char *piece = pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)];
        memcpy(body + *size, piece, strlen(piece));
        *size += strlen(piece);
    }
}

static void feed(struct body_hash *hash, const char *body, size_t size, size_t most)
{
    for (size_t at = 0; at < size;) {
        size_t part = 1 + (size_t)rand() % most;
        part = part < size - at ? part : size - at;
        body_hash_add(hash, body + at, part);
        at += part;
    }
}

/* Both forms of the whole text, handed over in pieces. */
static enum result hash_text(struct body_hash *hash, const char *text, bool take_bare, size_t most,
                             struct body_result got[BODY_FORMS])
{
    const bool both[BODY_FORMS] = {true, true};
    body_hash_begin(hash, both, BODY_WHOLE);
    if (take_bare)
        body_hash_take_bare(hash);
    feed(hash, text, strlen(text), most);
    return body_hash_finish(hash, got);
}

static void expect(const struct body_result *got, const char *form, size_t size, int64_t limit,
                   const char *name)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t digest[DIGEST_BYTES + 1] = {0};
    char base64[BODY_HASH_BASE64] = "";
    size_t covered = limit >= 0 && (size_t)limit < size ? (size_t)limit : size;
    assert_int_equal(digest_bytes(form, covered, digest), RESULT_OK);
    for (size_t i = 0; i < 43; i++) {
        size_t bit = i * 6;
        unsigned pair = (unsigned)digest[bit / 8] << 8 | digest[bit / 8 + 1];
        base64[i] = digits[pair >> (10 - bit % 8) & 63];
    }
    base64[43] = '=';
    if (got->size != size || strcmp(got->base64, base64) != 0)
        fail_msg("%s: %llu octets, %s; expected %zu, %s: '%.*s'", name, (unsigned long long)got->size,
                 got->base64, size, base64, (int)size, form);
}

static void bodies_are_canonical(void **state)
{
    char body[BODY_MAX], form[2 * BODY_MAX];
    struct body_hash *hash = body_hash_new();
    assert_non_null(hash);
    srand(6376);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct body_result got[BODY_FORMS] = {{.size = 99}, {.size = 99}};
        const bool wanted[BODY_FORMS] = {round % 3 != 1, round % 3 != 2};
        size_t size;
        random_body(body, &size);
        int64_t limit = round % 5 ? BODY_WHOLE : rand() % BODY_MAX;
        body_hash_begin(hash, wanted, limit);
        feed(hash, body, size, 1 + round % 40);
        assert_int_equal(body_hash_finish(hash, got), RESULT_OK);
        if (wanted[BODY_SIMPLE])
            expect(&got[BODY_SIMPLE], form, simple_form(body, size, form), limit, "simple");
        if (wanted[BODY_RELAXED])
            expect(&got[BODY_RELAXED], form, relaxed_form(body, size, form), limit, "relaxed");
        assert_true(wanted[BODY_SIMPLE] || got[BODY_SIMPLE].size == 99);
    }
    body_hash_free(hash);
}

static void the_rfcs_own_figures(void **state)
{
    /* RFC 6376, 3.4.3 and 3.4.4: hashes of no body. */
    struct body_result got[BODY_FORMS];
    struct body_hash *hash = body_hash_new();
    assert_int_equal(hash_text(hash, "", false, 1, got), RESULT_OK);
    assert_string_equal(got[BODY_SIMPLE].base64, "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
    assert_string_equal(got[BODY_RELAXED].base64, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    body_hash_free(hash);
}

static void line_ends_must_be_whole(void **state)
{
    static const struct {
        const char *body;
        enum result expected;
    } rows[] = {
        {"a\r\n", RESULT_OK},
        {"a\nb\r\n", RESULT_BAD_INPUT},
        {"a\rb\r\n", RESULT_BAD_INPUT},
        {"a\r", RESULT_BAD_INPUT},
        {"\n", RESULT_BAD_INPUT},
        {"\r\r\n", RESULT_BAD_INPUT},
        {"a\r\n\n", RESULT_BAD_INPUT},
        {"a\r\n\r", RESULT_BAD_INPUT},
        {"a", RESULT_OK},
        {"", RESULT_OK},
    };
    struct body_hash *hash = body_hash_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t most = 1; most < 4; most++) {
            struct body_result got[BODY_FORMS];
            if (hash_text(hash, rows[i].body, false, most, got) != rows[i].expected)
                fail_msg("row %zu", i);
        }
    body_hash_free(hash);
}

/* Whoever signs takes what the mail server will send, and that is as it came. */
static void others_are_octets_for_whoever_signs(void **state)
{
    static const struct {
        const char *body, *simple, *relaxed;
    } rows[] = {
        {"a\rb\r\n", "a\rb\r\n", "a\rb\r\n"},
        {"a\nb\r\n", "a\nb\r\n", "a\nb\r\n"},
        {"a \r b\r\n", "a \r b\r\n", "a \r b\r\n"},
        {"\r\r\n", "\r\r\n", "\r\r\n"},
        {"a\r", "a\r\r\n", "a\r\r\n"},
        {"a\r\n\r\n", "a\r\n", "a\r\n"},
    };
    struct body_hash *hash = body_hash_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t most = 1; most < 4; most++) {
            struct body_result got[BODY_FORMS];
            assert_int_equal(hash_text(hash, rows[i].body, true, most, got), RESULT_OK);
            expect(&got[BODY_SIMPLE], rows[i].simple, strlen(rows[i].simple), BODY_WHOLE, "simple");
            expect(&got[BODY_RELAXED], rows[i].relaxed, strlen(rows[i].relaxed), BODY_WHOLE, "relaxed");
        }
    body_hash_free(hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_canonical),
        cmocka_unit_test(the_rfcs_own_figures),
        cmocka_unit_test(line_ends_must_be_whole),
        cmocka_unit_test(others_are_octets_for_whoever_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
