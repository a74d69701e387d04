/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 20000, BYTES = 40, FEW = 5 };

static const char *slow_last(const char *bytes, size_t size, const char *few, size_t few_size)
{
    const char *last = NULL;
    for (size_t i = 0; i + few_size <= size; i++)
        if (!memcmp(bytes + i, few, few_size))
            last = bytes + i;
    return last;
}

/* Few letters, so that much is nearly found; a heap block of the exact size, so that a sanitizer sees a step
 * too far. */
static void few_bytes_are_found_first_and_last(void **state)
{
    (void)state;
    srand(7);
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t size = (size_t)rand() % BYTES, few_size = 1 + (size_t)rand() % FEW;
        char *bytes = malloc(size ? size : 1), few[FEW];
        assert_non_null(bytes);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)('a' + rand() % 3);
        for (size_t i = 0; i < few_size; i++)
            few[i] = (char)('a' + rand() % 3);
        for (size_t rare = 0; rare < few_size; rare++) {
            assert_ptr_equal(text_find(bytes, size, few, few_size, rare),
                             size ? memmem(bytes, size, few, few_size) : NULL);
            assert_ptr_equal(text_find_last(bytes, size, few, few_size, rare),
                             slow_last(bytes, size, few, few_size));
        }
        free(bytes);
    }
}

/* The characters of RFC 3629's grammar, and each broken in one place. */
static void utf8_is_known_wherever_it_stands_in_ascii(void **state)
{
    static const struct {
        const char *bytes;
        bool good;
    } rows[] = {
        {"x", true},
        {"\xc2\x80", true},
        {"\xdf\xbf", true},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xef\xbf\xbf", true},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xc1\xbf", false},
        {"\xc2", false},
        {"\xc2x", false},
        {"\xe0\x9f\xbf", false},
        {"\xed\xa0\x80", false},
        {"\xe2\x82", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf4\x90\x80\x80", false},
        {"\xff", false},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        for (size_t before = 0; before < 20; before++)
            for (size_t after = 0; after < 20; after++) {
                size_t length = strlen(rows[row].bytes), size = before + length + after;
                char *bytes = malloc(size);
                assert_non_null(bytes);
                memset(bytes, 'a', size);
                memcpy(bytes + before, rows[row].bytes, length);
                assert_int_equal(text_is_utf8(bytes, size), rows[row].good);
                free(bytes);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(few_bytes_are_found_first_and_last),
                                       cmocka_unit_test(utf8_is_known_wherever_it_stands_in_ascii)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
