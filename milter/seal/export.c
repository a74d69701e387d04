/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/export.h"

#include "base/clock.h"
#include "base/fd.h"
#include "seal/client.h"
#include "seal/exchange.h"
#include "seal/workring.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXPORT_MS = 60 * 1000 };

static enum result read_back(int fd, struct buffer *key, struct problem *problem)
{
    char block[16384];
    ssize_t got = 0;
    for (off_t at = 0; (got = pread(fd, block, sizeof block, at)) > 0; at += got)
        buffer_append(key, block, (size_t)got);
    return got == 0 && key->size && !key->failed
               ? RESULT_OK
               : problem_set(problem, RESULT_TRY_LATER, "the key cannot be read back from khatm-sealer");
}

static enum result ask(struct helper_process *process, const struct sealing_settings *settings,
                       const char (*fingerprint)[FINGERPRINT_HEX], bool armoured, struct buffer *key,
                       struct problem *problem)
{
    int64_t deadline_ms = clock_monotonic_ms() + EXPORT_MS;
    const struct client_ring ring = {
        .source = settings->homedir, .fingerprints = fingerprint, .n_fingerprints = 1};
    size_t n = 0;
    int file = -1;
    struct wire_frame *frame = malloc(sizeof *frame);
    enum result result = frame ? client_build_ring(process, frame, &ring, deadline_ms, &n, problem)
                               : problem_set(problem, RESULT_TRY_LATER, "no memory");
    if (result == RESULT_OK && !n)
        result = RESULT_NOT_FOUND;
    if (result == RESULT_OK)
        result = exchange_file("", 0, &file, problem);
    if (result == RESULT_OK)
        result = client_give_key(process, frame, fingerprint[0], armoured, file, deadline_ms, problem);
    if (result == RESULT_OK)
        result = read_back(file, key, problem);
    fd_close(&file);
    free(frame);
    return result;
}

enum result seal_export(const struct sealing_settings *settings, const char *fingerprint, bool armoured,
                        struct buffer *key, struct problem *problem)
{
    struct helper_process process = {.control = -1};
    char directory[SEAL_PATH_MAX + 1] = "", wanted[1][FINGERPRINT_HEX];
    const char *const argv[] = {settings->program, settings->gpg, directory, NULL};
    int lock = -1;
    if (!fingerprint_normalise(fingerprint, wanted[0]))
        return problem_set(problem, RESULT_BUG, "%s: is no fingerprint", fingerprint);
    enum result result = workring_prepare(settings->work_directory, problem);
    if (result == RESULT_OK)
        result = workring_make_directory(settings->work_directory, directory, &lock, problem);
    if (result == RESULT_OK)
        result = helper_start(&process, argv, problem);
    if (result == RESULT_OK)
        result = ask(&process, settings, (const char(*)[FINGERPRINT_HEX])wanted, armoured, key, problem);
    helper_kill(&process);
    workring_remove(directory, &lock);
    return result;
}
