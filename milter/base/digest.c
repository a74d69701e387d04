/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

/* The functions of one algorithm, which OpenSSL 3 would rather see called through EVP: linked statically, EVP
 * is all of libcrypto and 0.4 MB of pages for every child of the inspector to inherit. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/sha.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct digest {
    SHA256_CTX ctx;
    bool failed;
};

struct digest *digest_new(void)
{
    struct digest *digest = calloc(1, sizeof *digest);
    if (digest && SHA256_Init(&digest->ctx) != 1) {
        free(digest);
        return NULL;
    }
    return digest;
}

void digest_free(struct digest *digest)
{
    free(digest);
}

void digest_update(struct digest *digest, const void *bytes, size_t size)
{
    if (SHA256_Update(&digest->ctx, bytes, size) != 1)
        digest->failed = true;
}

enum result digest_finish(struct digest *digest, uint8_t out[DIGEST_BYTES])
{
    bool good = !digest->failed && SHA256_Final(out, &digest->ctx) == 1;
    digest->failed = SHA256_Init(&digest->ctx) != 1;
    return good ? RESULT_OK : RESULT_TRY_LATER;
}

enum result digest_bytes(const void *bytes, size_t size, uint8_t out[DIGEST_BYTES])
{
    struct digest digest = {.failed = false};
    if (SHA256_Init(&digest.ctx) != 1)
        return RESULT_TRY_LATER;
    digest_update(&digest, bytes, size);
    return digest_finish(&digest, out);
}

enum { BLOCK_BYTES = 64, INNER = 0x36, OUTER = 0x5c };

static enum result digest_two(const uint8_t pad[BLOCK_BYTES], const void *bytes, size_t size,
                              uint8_t out[DIGEST_BYTES])
{
    struct digest digest = {.failed = false};
    if (SHA256_Init(&digest.ctx) != 1)
        return RESULT_TRY_LATER;
    digest_update(&digest, pad, BLOCK_BYTES);
    digest_update(&digest, bytes, size);
    enum result result = digest_finish(&digest, out);
    explicit_bzero(&digest, sizeof digest);
    return result;
}

/* RFC 2104. OpenSSL 3 looks its HMAC up among its providers for every call, which costs ten times what it
 * computes, and more in a thread that it has not seen before. */
enum result digest_hmac(const void *key, size_t key_size, const void *bytes, size_t size,
                        uint8_t out[DIGEST_BYTES])
{
    uint8_t pad[BLOCK_BYTES] = {0};
    enum result result = RESULT_OK;
    if (key_size > BLOCK_BYTES)
        result = digest_bytes(key, key_size, pad);
    else if (key_size)
        memcpy(pad, key, key_size);
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        pad[i] ^= INNER;
    if (result == RESULT_OK)
        result = digest_two(pad, bytes, size, out);
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        pad[i] ^= INNER ^ OUTER;
    if (result == RESULT_OK)
        result = digest_two(pad, out, DIGEST_BYTES, out);
    explicit_bzero(pad, sizeof pad);
    return result;
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
