/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/secret_test.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "sealer/gpg_decrypt.h"

#include <errno.h>
#include <string.h>

static const char SAMPLE[] = "Khatm";

enum { CIPHERTEXT_MAX = 1024 * 1024 };

struct trial {
    const struct buffer *from;
    size_t at;
    struct buffer to;
};

static ssize_t read_from(void *context, void *bytes, size_t size)
{
    struct trial *trial = context;
    size_t left = trial->from->size - trial->at, take = size < left ? size : left;
    memcpy(bytes, trial->from->bytes + trial->at, take);
    trial->at += take;
    return (ssize_t)take;
}

static ssize_t write_to(void *context, const void *bytes, size_t size)
{
    struct trial *trial = context;
    buffer_append(&trial->to, bytes, size);
    if (!trial->to.failed)
        return (ssize_t)size;
    errno = EFBIG;
    return -1;
}

static enum result try_key(struct gpg *gpg, const char *fingerprint, struct problem *problem)
{
    struct buffer sample;
    struct trial there = {.from = &sample}, back = {.from = &there.to};
    struct gpg_decrypted decrypted;
    char fingerprints[1][SEAL_FINGERPRINT_SIZE + 1];
    memcpy(fingerprints[0], fingerprint, sizeof fingerprints[0]);
    buffer_init(&sample, 0);
    buffer_init(&there.to, CIPHERTEXT_MAX);
    buffer_init(&back.to, CIPHERTEXT_MAX);
    buffer_append(&sample, SAMPLE, sizeof SAMPLE);
    const struct gpg_encryption encryption = {.fingerprints =
                                                  (const char(*)[SEAL_FINGERPRINT_SIZE + 1]) fingerprints,
                                              .n_fingerprints = 1,
                                              .read = read_from,
                                              .write = write_to,
                                              .context = &there};
    const struct gpg_decryption decryption = {read_from, write_to, &back};
    enum result result = gpg_encrypt(gpg, &encryption, problem);
    if (result == RESULT_OK)
        result = gpg_decrypt(gpg, &decryption, clock_wall_ms() / 1000, &decrypted, problem);
    bool same = result == RESULT_OK && back.to.size == sizeof SAMPLE &&
                memcmp(back.to.bytes, SAMPLE, sizeof SAMPLE) == 0;
    buffer_free(&sample);
    buffer_free(&there.to);
    buffer_free(&back.to);
    if (same)
        return RESULT_OK;
    return problem_set(problem, RESULT_TRY_LATER, "what was encrypted did not come back%s",
                       result == RESULT_NOT_FOUND ? ": the secret key cannot be used without a passphrase"
                                                  : "");
}

enum result secret_try(struct gpg *gpg, struct problem *problem)
{
    char fingerprint[SEAL_FINGERPRINT_SIZE + 1];
    enum result result = gpg_find_secret(gpg, fingerprint, problem);
    return result == RESULT_OK ? try_key(gpg, fingerprint, problem) : result;
}

enum result secret_test(const char *program, const char *directory, const char *secrets,
                        struct problem *problem)
{
    struct gpg *gpg = NULL;
    struct problem trouble = {""};
    enum result result = gpg_open(program, directory, &gpg, &trouble);
    if (result == RESULT_OK)
        result = secret_try(gpg, &trouble);
    gpg_close(gpg);
    if (result == RESULT_OK)
        return RESULT_OK;
    return problem_set(
        problem, RESULT_TRY_LATER,
        "%s: its secret key does not decrypt (%s): it must have an encryption subkey that has not "
        "expired, and no passphrase",
        secrets, trouble.text);
}
