/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/keyed_sketch.h"

#include "journal/cipher.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16 };

uint64_t keyed_get(const uint8_t *bytes)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < SKETCH_HASH_SIZE; i++)
        hash = hash << 8 | bytes[i];
    return hash;
}

void keyed_put(uint64_t hash, uint8_t *bytes)
{
    for (size_t i = SKETCH_HASH_SIZE; i-- > 0; hash >>= 8)
        bytes[i] = (uint8_t)hash;
}

/* One block cipher call over all: an HMAC for each of a thousand would cost a millisecond. */
static enum result encrypt(const uint8_t secret[DIGEST_BYTES], uint8_t *blocks, size_t size)
{
    uint8_t key[DIGEST_BYTES];
    int length = 0;
    enum result result = digest_hmac(secret, DIGEST_BYTES, "sketch", sizeof "sketch", key);
    if (result != RESULT_OK)
        return result;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *cipher = cipher_get(CIPHER_AES_256_ECB);
    bool good = ctx && cipher && EVP_EncryptInit_ex(ctx, cipher, NULL, key, NULL) == 1 &&
                EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
                EVP_EncryptUpdate(ctx, blocks, &length, blocks, (int)size) == 1 && (size_t)length == size;
    EVP_CIPHER_CTX_free(ctx);
    explicit_bzero(key, sizeof key);
    return good ? RESULT_OK : RESULT_TRY_LATER;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = ((const struct keyed_hash *)a)->keyed, y = ((const struct keyed_hash *)b)->keyed;
    return (x > y) - (x < y);
}

enum result keyed_sketch_read(const uint8_t secret[DIGEST_BYTES], const uint8_t *bytes, size_t size,
                              struct keyed_sketch *sketch_out)
{
    uint8_t blocks[SKETCH_HASHES * BLOCK] = {0};
    size_t n = size / SKETCH_HASH_SIZE;
    uint64_t largest = 0;
    if (!n || n > SKETCH_HASHES || size % SKETCH_HASH_SIZE)
        return RESULT_BAD_INPUT;
    for (size_t i = 0; i < n; i++) {
        memcpy(blocks + i * BLOCK, bytes + i * SKETCH_HASH_SIZE, SKETCH_HASH_SIZE);
        blocks[i * BLOCK + SKETCH_HASH_SIZE - 1] &= (uint8_t) ~(SKETCH_PLACES - 1);
    }
    if (encrypt(secret, blocks, n * BLOCK) != RESULT_OK)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < n; i++) {
        struct keyed_hash *hash = &sketch_out->hashes[i];
        uint64_t said = keyed_get(bytes + i * SKETCH_HASH_SIZE);
        hash->place = (unsigned)(said % SKETCH_PLACES);
        hash->plain = said - hash->place;
        hash->keyed = keyed_get(blocks + i * BLOCK);
        if (i && hash->plain <= largest)
            return RESULT_BAD_INPUT;
        largest = hash->plain;
    }
    sketch_out->n = n;
    sketch_out->sampled = n == SKETCH_HASHES ? largest : (uint64_t)1 << 48;
    qsort(sketch_out->hashes, n, sizeof *sketch_out->hashes, compare);
    return RESULT_OK;
}

enum result keyed_text(const uint8_t secret[DIGEST_BYTES], const uint8_t text_sha256[DIGEST_BYTES],
                       uint8_t tag_out[DIGEST_BYTES])
{
    uint8_t text[sizeof "text" + DIGEST_BYTES] = "text";
    memcpy(text + sizeof "text", text_sha256, DIGEST_BYTES);
    return digest_hmac(secret, DIGEST_BYTES, text, sizeof text, tag_out);
}
