/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(few_bytes_are_found_first_and_last)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
