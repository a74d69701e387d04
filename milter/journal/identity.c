/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/identity.h"

#include "base/buffer.h"
#include "base/text.h"
#include "journal/cipher.h"

#include <stdbool.h>
#include <string.h>

enum result identity_commit(const struct identity *identity, uint8_t out[DIGEST_BYTES])
{
    struct digest *digest = digest_new();
    if (!digest)
        return RESULT_TRY_LATER;
    digest_update(digest, identity->salt, sizeof identity->salt);
    digest_update(digest, identity->field, strlen(identity->field) + 1);
    digest_update(digest, identity->value, strlen(identity->value));
    enum result result = digest_finish(digest, out);
    digest_free(digest);
    return result;
}

char *identity_normalise(struct arena *arena, enum identity_kind kind, const char *value)
{
    size_t size = strlen(value);
    if (size >= 2 && value[0] == '<' && value[size - 1] == '>') {
        value++;
        size -= 2;
    }
    char *copy = arena_strndup(arena, value, size);
    /* RFC 5322 compares Message-IDs with case; local parts of addresses differ by case nowhere in practice.
     */
    if (copy && kind == IDENTITY_PERSON)
        text_lower_in_place(copy);
    return copy;
}

enum result identity_index(const uint8_t secret[DIGEST_BYTES], enum identity_kind kind,
                           const char *normalised, uint8_t out[DIGEST_BYTES])
{
    const char *label = kind == IDENTITY_MESSAGE_ID ? "message-id" : "person";
    struct buffer text;
    buffer_init(&text, 0);
    buffer_append(&text, label, strlen(label) + 1);
    buffer_puts(&text, normalised);
    enum result result =
        text.failed ? RESULT_TRY_LATER : digest_hmac(secret, DIGEST_BYTES, text.bytes, text.size, out);
    buffer_free(&text);
    return result;
}

/* Starts either direction with the additional data: leaf hash, then the field's name. */
static bool start(EVP_CIPHER_CTX *ctx, int encrypt, const uint8_t *key, const uint8_t *nonce,
                  const uint8_t *leaf_hash, const char *field)
{
    const EVP_CIPHER *cipher = cipher_get(CIPHER_AES_256_GCM);
    int length;
    return cipher && EVP_CipherInit_ex(ctx, cipher, NULL, key, nonce, encrypt) == 1 &&
           EVP_CipherUpdate(ctx, NULL, &length, leaf_hash, DIGEST_BYTES) == 1 &&
           EVP_CipherUpdate(ctx, NULL, &length, (const unsigned char *)field, (int)strlen(field)) == 1;
}

enum result identity_seal(struct arena *arena, const uint8_t key[IDENTITY_KEY_BYTES],
                          const uint8_t leaf_hash[DIGEST_BYTES], const struct identity *identity,
                          uint8_t nonce_out[IDENTITY_NONCE_BYTES], uint8_t **box_out, size_t *size_out)
{
    size_t size = strlen(identity->value);
    int length = 0;
    enum result result = RESULT_TRY_LATER;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t *box = arena_alloc(arena, size + IDENTITY_BOX_EXTRA, 1);
    if (!ctx || !box || random_bytes(nonce_out, IDENTITY_NONCE_BYTES) != RESULT_OK)
        goto out;
    if (!start(ctx, 1, key, nonce_out, leaf_hash, identity->field) ||
        EVP_CipherUpdate(ctx, box, &length, identity->salt, IDENTITY_SALT_BYTES) != 1 ||
        EVP_CipherUpdate(ctx, box + IDENTITY_SALT_BYTES, &length, (const unsigned char *)identity->value,
                         (int)size) != 1 ||
        EVP_CipherFinal_ex(ctx, box + IDENTITY_SALT_BYTES + size, &length) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, IDENTITY_TAG_BYTES,
                            box + IDENTITY_SALT_BYTES + size) != 1)
        goto out;
    *box_out = box;
    *size_out = size + IDENTITY_BOX_EXTRA;
    result = RESULT_OK;
out:
    EVP_CIPHER_CTX_free(ctx);
    return result;
}

enum result identity_unseal(struct arena *arena, const uint8_t key[IDENTITY_KEY_BYTES],
                            const uint8_t leaf_hash[DIGEST_BYTES], const uint8_t nonce[IDENTITY_NONCE_BYTES],
                            const uint8_t *box, size_t size, struct identity *identity)
{
    if (size < IDENTITY_BOX_EXTRA)
        return RESULT_BAD_INPUT;
    size_t value_size = size - IDENTITY_BOX_EXTRA;
    uint8_t tag[IDENTITY_TAG_BYTES];
    memcpy(tag, box + size - sizeof tag, sizeof tag);
    int length = 0;
    enum result result = RESULT_TRY_LATER;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    char *value = arena_alloc(arena, value_size + 1, 1);
    if (!ctx || !value)
        goto out;
    result = RESULT_BAD_INPUT;
    if (!start(ctx, 0, key, nonce, leaf_hash, identity->field) ||
        EVP_CipherUpdate(ctx, identity->salt, &length, box, IDENTITY_SALT_BYTES) != 1 ||
        EVP_CipherUpdate(ctx, (unsigned char *)value, &length, box + IDENTITY_SALT_BYTES, (int)value_size) !=
            1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, IDENTITY_TAG_BYTES, tag) != 1 ||
        EVP_CipherFinal_ex(ctx, (unsigned char *)value + value_size, &length) != 1)
        goto out;
    identity->value = value;
    result = RESULT_OK;
out:
    EVP_CIPHER_CTX_free(ctx);
    return result;
}
