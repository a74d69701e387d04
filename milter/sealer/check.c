/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/check.h"

#include "base/clock.h"
#include "sealer/ring.h"

#include <unistd.h>

static enum result read_whole(int fd, struct buffer *bytes, struct problem *problem)
{
    char block[16384];
    ssize_t got = 0;
    off_t at = 0;
    while ((got = pread(fd, block, sizeof block, at)) > 0) {
        buffer_append(bytes, block, (size_t)got);
        at += got;
    }
    if (got == 0 && !bytes->failed)
        return RESULT_OK;
    return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: a file to verify cannot be read");
}

enum result check_signature(const char *program, const char *ring, const struct check_request *request,
                            struct gpg_verified *verified_out, struct problem *problem)
{
    struct gpg *gpg = NULL;
    struct buffer data, signature, key;
    const struct gpg_claim claim = {.data = &data,
                                    .signature = &signature,
                                    .key = &key,
                                    .fingerprint = request->fingerprint,
                                    .now = clock_wall_ms() / 1000};
    buffer_init(&data, SEAL_CHECK_FILE_MAX + 1);
    buffer_init(&signature, SEAL_CHECK_FILE_MAX + 1);
    buffer_init(&key, SEAL_CHECK_FILE_MAX + 1);
    enum result result = read_whole(request->data_fd, &data, problem);
    if (result == RESULT_OK)
        result = read_whole(request->signature_fd, &signature, problem);
    if (result == RESULT_OK)
        result = read_whole(request->key_fd, &key, problem);
    if (result == RESULT_OK)
        result = ring_for_check(ring, request->fingerprint, problem);
    if (result == RESULT_OK)
        result = gpg_open(program, ring, &gpg, problem);
    if (result == RESULT_OK)
        result = gpg_verify(gpg, &claim, verified_out, problem);
    gpg_close(gpg);
    buffer_free(&data);
    buffer_free(&signature);
    buffer_free(&key);
    return result;
}
