/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/octets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 200000, BYTES = 40 };

static struct octets slow_count(const char *bytes, size_t size)
{
    struct octets octets = {0};
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        octets.visible += c > ' ';
        octets.controls += c < ' ' && (!c || !strchr("\t\n\f\r\x1b", c));
        octets.eight_bit |= c >= 0x80;
    }
    return octets;
}

static size_t slow_plain(const char *bytes, size_t size, size_t *blanks)
{
    size_t at = 0;
    *blanks = 0;
    for (; at < size && bytes[at] >= ' ' && bytes[at] <= '~'; at++)
        *blanks += bytes[at] == ' ';
    return at;
}

/* Mostly text, so that eights of it are common; what is next to each bound as often as the rest. */
static char some_octet(void)
{
    static const char edges[] = {'\0', '\t', '\n', '\f',   '\r',   '\x1b', '\x1f',
                                 ' ',  '!',  '~',  '\x7f', '\x80', '\xff'};
    int chosen = rand() % 64;
    if (chosen < 4)
        return edges[(size_t)rand() % sizeof edges];
    int octet = chosen == 4 ? rand() % 256 : chosen < 16 ? ' ' : '!' + rand() % 94;
    return (char)octet;
}

/* A heap block of the exact size, so that a sanitizer sees a step too far. */
static void octets_are_counted_as_one_by_one(void **state)
{
    (void)state;
    srand(11);
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t size = (size_t)rand() % BYTES, blanks, slow_blanks;
        char *bytes = malloc(size ? size : 1);
        assert_non_null(bytes);
        for (size_t i = 0; i < size; i++)
            bytes[i] = some_octet();
        struct octets octets = octets_count(bytes, size), slow = slow_count(bytes, size);
        assert_int_equal(octets.visible, slow.visible);
        assert_int_equal(octets.controls, slow.controls);
        assert_int_equal(octets.eight_bit, slow.eight_bit);
        assert_int_equal(octets_plain(bytes, size, &blanks), slow_plain(bytes, size, &slow_blanks));
        assert_int_equal(blanks, slow_blanks);
        free(bytes);
    }
}

static void each_octet_is_what_it_is_in_each_place(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 0; at < 16; at++) {
            char bytes[16];
            memset(bytes, 'a', sizeof bytes);
            bytes[at] = (char)c;
            struct octets octets = octets_count(bytes, sizeof bytes), slow = slow_count(bytes, sizeof bytes);
            assert_int_equal(octets.visible, slow.visible);
            assert_int_equal(octets.controls, slow.controls);
            assert_int_equal(octets.eight_bit, slow.eight_bit);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(octets_are_counted_as_one_by_one),
                                       cmocka_unit_test(each_octet_is_what_it_is_in_each_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
