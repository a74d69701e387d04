/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>

enum result digest_hmac(const void *key, size_t key_size, const void *bytes, size_t size,
                        uint8_t out[DIGEST_BYTES])
{
    unsigned length = 0;
    const unsigned char *done = HMAC(EVP_sha256(), key, (int)key_size, bytes, size, out, &length);
    return done && length == DIGEST_BYTES ? RESULT_OK : RESULT_TRY_LATER;
}

enum result random_bytes(void *out, size_t size)
{
    return RAND_bytes(out, (int)size) == 1 ? RESULT_OK : RESULT_TRY_LATER;
}
