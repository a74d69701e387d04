/* SPDX-License-Identifier: Apache-2.0 */

/* HMAC-SHA-256 by the vectors of RFC 4231, and by lengths around a block. */

#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { LONG_KEY = 131, ROOM = 200 };

static void vectors_of_rfc_4231(void **state)
{
    static const struct {
        const char *name;
        uint8_t key; /* repeated; 0: 1, 2, 3 and so on */
        size_t key_size;
        const char *text; /* NULL: `data` repeated 50 times */
        uint8_t data;
        const char *hmac;
    } rows[] = {
        {"1", 0x0b, 20, "Hi There", 0, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"3", 0xaa, 20, NULL, 0xdd, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {"4", 0, 25, NULL, 0xcd, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {"6", 0xaa, LONG_KEY, "Test Using Larger Than Block-Size Key - Hash Key First", 0,
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {"7", 0xaa, LONG_KEY,
         "This is a test using a larger than block-size key and a larger than block-size data. The key needs "
         "to be hashed before being used by the HMAC algorithm.",
         0, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t key[LONG_KEY], data[ROOM], out[DIGEST_BYTES];
        char hex[DIGEST_HEX];
        size_t size = rows[i].text ? strlen(rows[i].text) : 50;
        for (size_t k = 0; k < sizeof key; k++)
            key[k] = rows[i].key ? rows[i].key : (uint8_t)(k + 1);
        memset(data, rows[i].data, sizeof data);
        if (rows[i].text)
            memcpy(data, rows[i].text, size);
        assert_int_equal(digest_hmac(key, rows[i].key_size, data, size, out), RESULT_OK);
        hex_encode(out, sizeof out, hex);
        assert_string_equal(hex, rows[i].hmac);
    }
}

static void every_length_as_openssl_has_it(void **state)
{
    uint8_t key[LONG_KEY], data[ROOM], ours[DIGEST_BYTES], theirs[DIGEST_BYTES];
    (void)state;
    for (size_t k = 0; k < sizeof key; k++)
        key[k] = (uint8_t)(k * 7);
    for (size_t k = 0; k < sizeof data; k++)
        data[k] = (uint8_t)(k * 5);
    for (size_t key_size = 0; key_size <= sizeof key; key_size++)
        for (size_t size = 0; size <= sizeof data; size++) {
            unsigned length = 0;
            assert_non_null(HMAC(EVP_sha256(), key, (int)key_size, data, size, theirs, &length));
            assert_int_equal(digest_hmac(key, key_size, data, size, ours), RESULT_OK);
            assert_memory_equal(ours, theirs, DIGEST_BYTES);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors_of_rfc_4231),
                                       cmocka_unit_test(every_length_as_openssl_has_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
