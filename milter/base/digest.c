/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct digest {
    EVP_MD_CTX *ctx;
    bool failed;
};

struct digest *digest_new(void)
{
    struct digest *digest = calloc(1, sizeof *digest);
    if (!digest)
        return NULL;
    digest->ctx = EVP_MD_CTX_new();
    if (!digest->ctx || EVP_DigestInit_ex(digest->ctx, EVP_sha256(), NULL) != 1) {
        digest_free(digest);
        return NULL;
    }
    return digest;
}

void digest_free(struct digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->ctx);
    free(digest);
}

void digest_update(struct digest *digest, const void *bytes, size_t size)
{
    if (EVP_DigestUpdate(digest->ctx, bytes, size) != 1)
        digest->failed = true;
}

enum result digest_finish(struct digest *digest, uint8_t out[DIGEST_BYTES])
{
    unsigned length = 0;
    bool good =
        !digest->failed && EVP_DigestFinal_ex(digest->ctx, out, &length) == 1 && length == DIGEST_BYTES;
    digest->failed = EVP_DigestInit_ex(digest->ctx, EVP_sha256(), NULL) != 1;
    return good ? RESULT_OK : RESULT_TRY_LATER;
}

enum result digest_bytes(const void *bytes, size_t size, uint8_t out[DIGEST_BYTES])
{
    unsigned length = 0;
    int done = EVP_Digest(bytes, size, out, &length, EVP_sha256(), NULL);
    return done == 1 && length == DIGEST_BYTES ? RESULT_OK : RESULT_TRY_LATER;
}

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

void hex_encode(const uint8_t *bytes, size_t size, char *hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * size] = '\0';
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

enum result hex_decode(const char *hex, uint8_t *bytes, size_t size)
{
    if (strlen(hex) != 2 * size)
        return RESULT_BAD_INPUT;
    for (size_t i = 0; i < size; i++) {
        int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return RESULT_BAD_INPUT;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return RESULT_OK;
}
