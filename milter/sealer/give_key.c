/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/give_key.h"

#include "base/fd.h"
#include "sealer/gpg_keys.h"
#include "sealer/key_trim.h"

static enum result trim(const struct give_key *wanted, struct buffer *key, struct problem *problem)
{
    const struct key_trim how = {wanted->address, wanted->fingerprints, wanted->n_fingerprints};
    struct buffer whole = *key;
    buffer_init(key, SEAL_KEY_FILE_MAX);
    enum result result = key_trim((struct span){(const uint8_t *)whole.bytes, whole.size}, &how, key);
    buffer_free(&whole);
    if (result == RESULT_NOT_FOUND)
        return problem_set(problem, result, "no user id of the key %s is %s", wanted->fingerprints[0],
                           wanted->address);
    return result == RESULT_OK
               ? RESULT_OK
               : problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: gpg gave out what is not a key");
}

enum result give_key_write(struct gpg *gpg, const struct give_key *wanted, int file_fd, struct buffer *key,
                           struct problem *problem)
{
    size_t n = 0;
    gpg_use_armour(gpg, wanted->armoured && !wanted->address[0]);
    enum result result = gpg_export(gpg, wanted->fingerprints, 1, key, &n, problem);
    gpg_use_armour(gpg, false);
    if (result == RESULT_OK && n != 1)
        return problem_set(problem, RESULT_NOT_FOUND, "the key %s is not there", wanted->fingerprints[0]);
    if (result == RESULT_OK && wanted->address[0])
        result = trim(wanted, key, problem);
    if (result == RESULT_OK && fd_write_all(file_fd, key->bytes, key->size) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the key cannot be written");
    return result;
}
