/* SPDX-License-Identifier: Apache-2.0 */
#include "base/public_key.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <string.h>

enum { BYTES_MAX = PUBLIC_KEY_BASE64_MAX / 4 * 3 };

/* An RSA key of 512 bits: it must only be readable. */
static const char some_key[] =
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKF8Aw2hJp7NkVppoiET/NeSz1FGWG+fQn9Ltu7pe5C0kFFoHn5A"
    "znwQCJqV+MPBq8PSb3G1zN/CC4TBTy7UsecCAwEAAQ==";

void public_key_warm(void)
{
    unsigned bits = 0;
    (void)!public_key_rsa_bits(some_key, &bits);
}

enum result public_key_rsa_bits(const char *base64, unsigned *bits_out)
{
    unsigned char der[BYTES_MAX];
    size_t size = strlen(base64);
    *bits_out = 0;
    if (!size || size > PUBLIC_KEY_BASE64_MAX || size % 4 != 0)
        return RESULT_BAD_INPUT;
    int length = EVP_DecodeBlock(der, (const unsigned char *)base64, (int)size);
    const unsigned char *at = der;
    EVP_PKEY *key = length > 0 ? d2i_PUBKEY(NULL, &at, length) : NULL;
    bool rsa = key && EVP_PKEY_base_id(key) == EVP_PKEY_RSA;
    if (rsa)
        *bits_out = (unsigned)EVP_PKEY_bits(key);
    EVP_PKEY_free(key);
    return rsa && *bits_out ? RESULT_OK : RESULT_BAD_INPUT;
}
