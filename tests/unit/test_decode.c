/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 20000, BYTES = 300, MORE = 4 };

/* Base64 in lines of 76, as RFC 2045 has it. */
static size_t encode(const uint8_t *bytes, size_t size, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t used = 0, column = 0;
    for (size_t i = 0; i < size; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16 | (i + 1 < size ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (i + 2 < size ? bytes[i + 2] : 0U);
        for (size_t k = 0; k < 4; k++, column++) {
            text[used++] = i + k > size ? '=' : digits[group >> (18 - 6 * k) & 63];
            if (column % 76 == 75) {
                text[used++] = '\r';
                text[used++] = '\n';
            }
        }
    }
    return used;
}

static size_t decode(const char *text, size_t size, size_t piece, char *out, const char **odd_out)
{
    struct decoder decoder;
    size_t used = 0;
    decoder_init(&decoder, ENCODING_BASE64);
    for (size_t at = 0; at < size; at += piece)
        used += decoder_feed(&decoder, text + at, size - at < piece ? size - at : piece, out + used);
    used += decoder_finish(&decoder, out + used);
    *odd_out = decoder.odd;
    return used;
}

/* Heap blocks of the exact size, so that a sanitizer sees a step too far. */
static void assert_in_pieces(const char *text, size_t size)
{
    static const size_t pieces[] = {BYTES * 2, 3, 7, 8, 11, 64};
    char *copy = malloc(size ? size : 1), *slow = malloc(size + MORE), *fast = malloc(size + MORE);
    const char *odd, *slow_odd;
    assert_true(copy && slow && fast);
    memcpy(copy, text, size);
    /* One character at a time, no two are looked at together. */
    size_t slow_size = decode(copy, size, 1, slow, &slow_odd);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        assert_int_equal(decode(copy, size, pieces[i], fast, &odd), slow_size);
        assert_memory_equal(fast, slow, slow_size);
        assert_ptr_equal(odd, slow_odd);
    }
    free(copy);
    free(slow);
    free(fast);
}

static void what_was_encoded_comes_back(void **state)
{
    uint8_t bytes[BYTES];
    char text[BYTES * 2], out[BYTES * 2 + MORE];
    const char *odd;
    (void)state;
    srand(5);
    for (size_t size = 1; size < BYTES; size++) {
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)rand();
        size_t length = encode(bytes, size, text);
        assert_int_equal(decode(text, length, sizeof text, out, &odd), size);
        assert_memory_equal(out, bytes, size);
        assert_null(odd);
        assert_in_pieces(text, length);
    }
}

/* Blanks, signs that are none of base64 and padding, wherever they stand. */
static void broken_text_is_the_same_in_pieces(void **state)
{
    static const char signs[] = "AAAABBBBzz09+/Qw=\r\n -_.=\t\xe9";
    char text[BYTES];
    (void)state;
    srand(6);
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t size = (size_t)rand() % 100, few = rand() % 2 ? 12 : sizeof signs - 1;
        for (size_t i = 0; i < size; i++)
            text[i] = signs[(size_t)rand() % (rand() % 8 ? few : sizeof signs - 1)];
        assert_in_pieces(text, size);
    }
}

static void every_octet_is_known_in_every_place(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 0; at < 16; at++) {
            char text[16];
            memset(text, 'Q', sizeof text);
            text[at] = (char)c;
            assert_in_pieces(text, sizeof text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_encoded_comes_back),
                                       cmocka_unit_test(broken_text_is_the_same_in_pieces),
                                       cmocka_unit_test(every_octet_is_known_in_every_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
