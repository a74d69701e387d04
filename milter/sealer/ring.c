/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/ring.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEYS_MAX = 64 * 1024 * 1024, TRUST_MAX = 64 * 1024 * 1024, PATH_ROOM = SEAL_PATH_MAX + 64 };

/* no-random-seed-file: concurrent gpg processes otherwise wait 250 ms for each other's lock on it.
 * trust-model: trust is the registry's affair. no-autostart: there are no secret keys, so no agent. */
static const char OPTIONS[] = "no-random-seed-file\n"
                              "lock-never\n"
                              "trust-model always\n"
                              "no-auto-check-trustdb\n"
                              "no-auto-key-locate\n"
                              "no-autostart\n"
                              "batch\n"
                              "no-greeting\n"
                              "no-encrypt-to\n"
                              "compress-algo none\n"
                              "import-options keep-ownertrust\n";

static enum result write_file(const char *directory, const char *name, const void *bytes, size_t size,
                              struct problem *problem)
{
    char path[PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    enum result result = fd < 0 ? RESULT_TRY_LATER : fd_write_all(fd, bytes, size);
    if (result != RESULT_OK)
        problem_set(problem, result, "%s: cannot be written: %s", path, strerror(errno));
    fd_close(&fd);
    return result;
}

/* Whether a key is disabled is written in the admin's trust database, by fingerprint; without it a disabled
 * key would look usable. There need not be one. */
static enum result copy_trust(const char *source, const char *directory, struct problem *problem)
{
    char path[PATH_ROOM], block[4096];
    struct buffer bytes;
    (void)snprintf(path, sizeof path, "%s/trustdb.gpg", source);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return RESULT_OK;
    buffer_init(&bytes, TRUST_MAX);
    ssize_t got = fd < 0 ? -1 : read(fd, block, sizeof block);
    for (; got > 0; got = read(fd, block, sizeof block))
        buffer_append(&bytes, block, (size_t)got);
    enum result result = RESULT_TRY_LATER;
    if (got < 0 || bytes.failed)
        problem_set(problem, result, "%s: cannot be read, so disabled keys are not known: %s", path,
                    bytes.failed ? "too long" : strerror(errno));
    else
        result = write_file(directory, "trustdb.gpg", bytes.bytes, bytes.size, problem);
    fd_close(&fd);
    buffer_free(&bytes);
    return result;
}

/* gpg would make an absent home directory or ring itself, and report no key. */
static enum result check_source(const char *source, struct problem *problem)
{
    static const char *const rings[] = {"pubring.kbx", "pubring.gpg"};
    char path[PATH_ROOM];
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", source, rings[i]);
        if (access(path, R_OK) == 0)
            return RESULT_OK;
        if (errno != ENOENT)
            return problem_set(problem, RESULT_TRY_LATER, "%s: cannot be read: %s", path, strerror(errno));
    }
    return problem_set(
        problem, RESULT_TRY_LATER,
        "%s: holds no ring of public keys: import the registry's keys with gpg --homedir %s --import", source,
        source);
}

static enum result fill(const char *program, const char *directory, const char *source,
                        const char (*fingerprints)[SEAL_FINGERPRINT_SIZE + 1], size_t n_fingerprints,
                        size_t *n_out, struct problem *problem)
{
    struct gpg *from = NULL, *to = NULL;
    struct buffer keys;
    size_t n_exported = 0, n_seen = 0;
    buffer_init(&keys, KEYS_MAX);
    enum result result = gpg_open(program, source, &from, problem);
    if (result == RESULT_OK)
        result = gpg_export(from, fingerprints, n_fingerprints, &keys, &n_exported, problem);
    if (result == RESULT_OK)
        result = gpg_open(program, directory, &to, problem);
    if (result == RESULT_OK)
        result = gpg_import(to, &keys, &n_seen, n_out, problem);
    if (result == RESULT_OK && n_seen != n_exported)
        result = problem_set(problem, RESULT_TRY_LATER, "%s: gpg gave %zu keys out and took %zu in", source,
                             n_exported, n_seen);
    gpg_close(from);
    gpg_close(to);
    buffer_free(&keys);
    return result;
}

static enum result make_read_only(const char *directory, struct problem *problem)
{
    static const char *const names[] = {"gpg.conf", "pubring.kbx", "trustdb.gpg"};
    char path[PATH_ROOM];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        if (chmod(path, 0400) != 0 && errno != ENOENT)
            return problem_set(problem, RESULT_TRY_LATER, "%s: chmod: %s", path, strerror(errno));
    }
    if (chmod(directory, 0500) != 0)
        return problem_set(problem, RESULT_TRY_LATER, "%s: chmod: %s", directory, strerror(errno));
    return RESULT_OK;
}

enum result ring_build(const char *program, const char *directory, const char *source,
                       const char (*fingerprints)[SEAL_FINGERPRINT_SIZE + 1], size_t n_fingerprints,
                       size_t *n_out, struct problem *problem)
{
    *n_out = 0;
    enum result result = write_file(directory, "gpg.conf", OPTIONS, sizeof OPTIONS - 1, problem);
    if (result == RESULT_OK && n_fingerprints) {
        result = check_source(source, problem);
        if (result == RESULT_OK)
            result = fill(program, directory, source, fingerprints, n_fingerprints, n_out, problem);
        if (result == RESULT_OK)
            result = copy_trust(source, directory, problem);
    }
    return result == RESULT_OK ? make_read_only(directory, problem) : result;
}
