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

struct seal_exporter {
    struct helper_process process;
    char directory[SEAL_PATH_MAX + 1];
    int lock;
    struct wire_frame frame;
};

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

static enum result start(struct seal_exporter *exporter, const struct sealing_settings *settings,
                         const struct client_ring *ring, struct problem *problem)
{
    const char *const argv[] = {settings->program, settings->gpg, exporter->directory, NULL};
    size_t n = 0;
    enum result result = workring_prepare(settings->work_directory, problem);
    if (result == RESULT_OK)
        result =
            workring_make_directory(settings->work_directory, exporter->directory, &exporter->lock, problem);
    if (result == RESULT_OK)
        result = helper_start(&exporter->process, argv, problem);
    if (result == RESULT_OK)
        result = client_build_ring(&exporter->process, &exporter->frame, ring,
                                   clock_monotonic_ms() + EXPORT_MS, &n, problem);
    return result == RESULT_OK && !n ? RESULT_NOT_FOUND : result;
}

enum result seal_exporter_open(const struct sealing_settings *settings,
                               const char (*fingerprints)[FINGERPRINT_HEX], size_t n,
                               struct seal_exporter **exporter_out, struct problem *problem)
{
    const struct client_ring ring = {
        .source = settings->homedir, .fingerprints = fingerprints, .n_fingerprints = n};
    struct seal_exporter *exporter = calloc(1, sizeof *exporter);
    if (!exporter)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    exporter->lock = exporter->process.control = -1;
    enum result result = start(exporter, settings, &ring, problem);
    if (result != RESULT_OK) {
        seal_exporter_free(exporter);
        return result;
    }
    *exporter_out = exporter;
    return RESULT_OK;
}

void seal_exporter_free(struct seal_exporter *exporter)
{
    if (!exporter)
        return;
    helper_kill(&exporter->process);
    workring_remove(exporter->directory, &exporter->lock);
    free(exporter);
}

enum result seal_exporter_give(struct seal_exporter *exporter, const struct export_key *wanted,
                               struct export_addresses *addresses, struct buffer *key,
                               struct problem *problem)
{
    int file = -1;
    enum result result = exchange_file("", 0, &file, problem);
    if (result == RESULT_OK)
        result = client_give_key(&exporter->process, &exporter->frame, wanted, file,
                                 clock_monotonic_ms() + EXPORT_MS, addresses, problem);
    if (result == RESULT_OK)
        result = read_back(file, key, problem);
    fd_close(&file);
    return result;
}

enum result seal_export(const struct sealing_settings *settings, const char *fingerprint, bool armoured,
                        struct buffer *key, struct problem *problem)
{
    char wanted[1][FINGERPRINT_HEX];
    struct seal_exporter *exporter = NULL;
    if (!fingerprint_normalise(fingerprint, wanted[0]))
        return problem_set(problem, RESULT_BUG, "%s: is no fingerprint", fingerprint);
    const struct export_key one = {.fingerprint = wanted[0], .armoured = armoured};
    struct export_addresses addresses;
    enum result result =
        seal_exporter_open(settings, (const char(*)[FINGERPRINT_HEX])wanted, 1, &exporter, problem);
    if (result == RESULT_OK)
        result = seal_exporter_give(exporter, &one, &addresses, key, problem);
    seal_exporter_free(exporter);
    return result;
}
