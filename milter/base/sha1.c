/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha1.h"

/* As in base/digest.c. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/sha.h>
#include <stdbool.h>

enum result sha1_bytes(const void *bytes, size_t size, uint8_t out[SHA1_BYTES])
{
    SHA_CTX context;
    bool good =
        SHA1_Init(&context) == 1 && SHA1_Update(&context, bytes, size) == 1 && SHA1_Final(out, &context) == 1;
    return good ? RESULT_OK : RESULT_TRY_LATER;
}
