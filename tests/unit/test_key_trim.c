/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of a key for one address, told from packets that are written out here. */

#include "sealer/key_trim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define KEY       "\xc6\x02k1"
#define SUB       "\xce\x02k2"
#define ANNE      "\xcd\x0a<anne@a.b>"
#define ANNE_LOUD "\xcd\x0a<ANNE@a.B>"
#define BOB       "\xcd\x09<bob@a.b>"
#define PICTURE   "\xd1\x02pp"
/* Version 4, hashed subpackets, unhashed ones: 16, the issuer's id; 33, its fingerprint. */
#define BY(id)        "\xc2\x12\x04\x13\x16\x0a\0\0\0\x0a\x09\x10" id
#define HASHED_BY(id) "\xc2\x12\x04\x13\x16\x0a\0\x0a\x09\x10" id "\0\0"
#define PRINT_BY(id)                                                                                         \
    "\xc2\x1f\x04\x13\x16\x0a\0\x17\x16\x21\x04"                                                             \
    "0123456789ab" id "\0\0"
#define THREE_BY(id)                                                                                         \
    "\xc2\x0f\x03\x05\x13"                                                                                   \
    "time" id
#define NAMELESS    "\xc2\x08\x04\x13\x16\x0a\0\0\0\0"
#define OWN         "\xaa\xbb\xcc\xdd\xee\xff\x00\x11"
#define MINISTRY    "\x11\x22\x33\x44\x55\x66\x77\x88"
#define STRANGER    "\x99\x99\x99\x99\x99\x99\x99\x99"
#define BYTES(text) text, sizeof text - 1

static const char signers[2][SEAL_FINGERPRINT_SIZE + 1] = {"000000000000000000000000AABBCCDDEEFF0011",
                                                           "0000000000000000000000001122334455667788"};

static const struct row {
    const char *name;
    const char *bytes;
    size_t size;
    enum result result;
    const char *left;
    size_t left_size;
} rows[] = {
    {"all of it", BYTES(KEY ANNE BY(OWN) SUB NAMELESS), RESULT_OK, BYTES(KEY ANNE BY(OWN) SUB NAMELESS)},
    {"others' user ids", BYTES(KEY BOB BY(OWN) ANNE BY(OWN) BOB BY(OWN) SUB), RESULT_OK,
     BYTES(KEY ANNE BY(OWN) SUB)},
    {"pictures", BYTES(KEY ANNE BY(OWN) PICTURE BY(OWN)), RESULT_OK, BYTES(KEY ANNE BY(OWN))},
    {"letters of either case", BYTES(KEY ANNE_LOUD BY(OWN)), RESULT_OK, BYTES(KEY ANNE_LOUD BY(OWN))},
    {"the ministry's word", BYTES(KEY ANNE BY(OWN) BY(MINISTRY)), RESULT_OK,
     BYTES(KEY ANNE BY(OWN) BY(MINISTRY))},
    {"strangers' words", BYTES(KEY ANNE BY(OWN) BY(STRANGER) NAMELESS), RESULT_OK, BYTES(KEY ANNE BY(OWN))},
    {"issuer among what is hashed", BYTES(KEY ANNE HASHED_BY(OWN) HASHED_BY(STRANGER)), RESULT_OK,
     BYTES(KEY ANNE HASHED_BY(OWN))},
    {"issuer by its fingerprint", BYTES(KEY ANNE PRINT_BY(OWN) PRINT_BY(STRANGER)), RESULT_OK,
     BYTES(KEY ANNE PRINT_BY(OWN))},
    {"version 3", BYTES(KEY ANNE THREE_BY(OWN) THREE_BY(STRANGER)), RESULT_OK, BYTES(KEY ANNE THREE_BY(OWN))},
    {"what revokes the key is on it, whoever may", BYTES(KEY BY(STRANGER) ANNE BY(OWN)), RESULT_OK,
     BYTES(KEY BY(STRANGER) ANNE BY(OWN))},
    {"words about subkeys", BYTES(KEY ANNE BY(OWN) SUB BY(OWN) BY(STRANGER)), RESULT_OK,
     BYTES(KEY ANNE BY(OWN) SUB BY(OWN) BY(STRANGER))},
    {"nobody of that name", BYTES(KEY BOB BY(OWN) SUB), RESULT_NOT_FOUND, BYTES("")},
    {"cut off", BYTES(KEY ANNE "\xc2\x05s1"), RESULT_BAD_INPUT, BYTES("")},
};

static void what_is_left(void **state)
{
    const struct key_trim how = {"anne@a.b", signers, 2};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct buffer out;
        buffer_init(&out, 0);
        enum result result = key_trim((struct span){(const uint8_t *)row->bytes, row->size}, &how, &out);
        bool same = result != RESULT_OK ||
                    (out.size == row->left_size && memcmp(out.bytes, row->left, out.size) == 0);
        if (result != row->result || !same)
            fail_msg("%s: %s, %zu bytes for %zu", row->name, result_name(result), out.size, row->left_size);
        buffer_free(&out);
    }
}

static void join(void *context, const char *address)
{
    strcat(context, address);
    strcat(context, " ");
}

static void addresses_are_told(void **state)
{
    static const char key[] = KEY BOB BY(OWN) "\xcd\x03"
                                              "x y" ANNE PICTURE SUB;
    char found[200] = "";
    key_each_address((struct span){(const uint8_t *)key, sizeof key - 1}, join, found);
    assert_string_equal(found, "bob@a.b anne@a.b ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_left), cmocka_unit_test(addresses_are_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
