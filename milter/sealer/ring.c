/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/ring.h"

#include "base/fd.h"
#include "sealer/excerpt.h"
#include "sealer/secret_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 256 * 1024 * 1024, PATH_ROOM = SEAL_PATH_MAX + 64, N_RINGS = 2 };

static const char *const RINGS[N_RINGS] = {"pubring.kbx", "pubring.gpg"};

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

/* Of the throw-away ring of a check: nothing is looked up, and one key is trusted, so that GPGME's "valid"
 * says the whole of it. */
static const char CHECK_OPTIONS[] = "no-random-seed-file\n"
                                    "lock-never\n"
                                    "trust-model pgp\n"
                                    "no-auto-key-locate\n"
                                    "no-auto-key-retrieve\n"
                                    "no-autostart\n"
                                    "batch\n"
                                    "no-greeting\n";

enum result ring_write(const char *directory, const char *name, const void *bytes, size_t size,
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

static enum result read_file(const char *path, struct buffer *bytes, struct problem *problem)
{
    char block[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return RESULT_NOT_FOUND;
    ssize_t got = fd < 0 ? -1 : read(fd, block, sizeof block);
    for (; got > 0; got = read(fd, block, sizeof block))
        buffer_append(bytes, block, (size_t)got);
    enum result result = RESULT_OK;
    if (got < 0 || bytes->failed)
        result = problem_set(problem, RESULT_TRY_LATER, "%s: cannot be read: %s", path,
                             bytes->failed ? "it is too long" : strerror(errno));
    fd_close(&fd);
    return result;
}

/* RESULT_NOT_FOUND: there is none. gpg replaces these files by renaming, so what is read is one generation.
 */
static enum result copy_file(const char *source, const char *name, const char *directory,
                             struct problem *problem)
{
    char path[PATH_ROOM];
    struct buffer bytes;
    (void)snprintf(path, sizeof path, "%s/%s", source, name);
    buffer_init(&bytes, FILE_MAX);
    enum result result = read_file(path, &bytes, problem);
    if (result == RESULT_OK)
        result = ring_write(directory, name, buffer_text(&bytes), bytes.size, problem);
    buffer_free(&bytes);
    return result;
}

static enum result copy_rings(const char *source, const char *directory, struct problem *problem)
{
    size_t found = 0;
    for (size_t i = 0; i < N_RINGS; i++) {
        enum result result = copy_file(source, RINGS[i], directory, problem);
        if (result != RESULT_OK && result != RESULT_NOT_FOUND)
            return result;
        found += result == RESULT_OK;
    }
    if (found)
        return RESULT_OK;
    return problem_set(
        problem, RESULT_TRY_LATER,
        "%s: holds no ring of public keys: take the registry's keys in with khatm keys import FILE", source);
}

/* Fingerprints, one after the other. */
static enum result add_person(const struct gpg_key *key, void *context)
{
    struct buffer *names = context;
    if (key->n_persons)
        buffer_append(names, key->fingerprint, sizeof key->fingerprint);
    return names->failed ? RESULT_TRY_LATER : RESULT_OK;
}

/* Appends the names of all that shall come along, each of SEAL_FINGERPRINT_SIZE + 1 bytes; gpg gives out a
 * key once even when it is named twice. */
static enum result list_wanted(struct gpg *from, const struct ring_wanted *wanted, struct buffer *names,
                               struct problem *problem)
{
    if (wanted->n_fingerprints)
        buffer_append(names, wanted->fingerprints, wanted->n_fingerprints * sizeof *wanted->fingerprints);
    if (names->failed)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    return wanted->certifiers.n ? gpg_list(from, &wanted->certifiers, add_person, names, problem) : RESULT_OK;
}

static enum result pick(const char *program, const char *staging, const char *directory,
                        const struct ring_wanted *wanted, size_t *n_out, struct problem *problem)
{
    struct gpg *from = NULL, *to = NULL;
    struct buffer keys, names;
    size_t n_exported = 0, n_seen = 0;
    buffer_init(&keys, FILE_MAX);
    buffer_init(&names, 0);
    enum result result = gpg_open(program, staging, &from, problem);
    if (result == RESULT_OK)
        result = list_wanted(from, wanted, &names, problem);
    if (result == RESULT_OK)
        result = gpg_export(from, (const void *)names.bytes, names.size / (SEAL_FINGERPRINT_SIZE + 1), &keys,
                            &n_exported, problem);
    if (result == RESULT_OK)
        result = gpg_open(program, directory, &to, problem);
    if (result == RESULT_OK)
        result = gpg_import(to, &keys, &n_seen, n_out, problem);
    if (result == RESULT_OK && n_seen != n_exported)
        result = problem_set(problem, RESULT_TRY_LATER, "gpg: gave %zu keys out and took %zu in", n_exported,
                             n_seen);
    gpg_close(from);
    gpg_close(to);
    buffer_free(&keys);
    buffer_free(&names);
    return result;
}

static bool has_ring(const char *source)
{
    char path[PATH_ROOM];
    for (size_t i = 0; i < N_RINGS; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", source, RINGS[i]);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

static void remove_staging(const char *staging)
{
    static const char *const others[] = {"gpg.conf", "trustdb.gpg", "pubring.kbx~"};
    char path[PATH_ROOM];
    for (size_t i = 0; i < N_RINGS; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", staging, RINGS[i]);
        (void)unlink(path);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", staging, others[i]);
        (void)unlink(path);
    }
    (void)rmdir(staging);
}

/* The wanted keys out of the admin's ring, by way of a copy: gpg in the admin's own home directory would
 * leave lock files there, wait for those of others, and obey the gpg.conf it finds. */
enum result ring_take(const char *program, const char *directory, const char *source,
                      const struct ring_wanted *wanted, size_t *n_out, struct problem *problem)
{
    char staging[SEAL_PATH_MAX + 8];
    int length = snprintf(staging, sizeof staging, "%s/source", directory);
    if (length < 0 || length >= (int)sizeof staging)
        return problem_set(problem, RESULT_TRY_LATER, "%s: the path is too long", directory);
    if (mkdir(staging, 0700) != 0)
        return problem_set(problem, RESULT_TRY_LATER, "%s: cannot be made: %s", staging, strerror(errno));
    enum result result = ring_write(staging, "gpg.conf", OPTIONS, sizeof OPTIONS - 1, problem);
    if (result == RESULT_OK)
        result = copy_rings(source, staging, problem);
    if (result == RESULT_OK)
        result = pick(program, staging, directory, wanted, n_out, problem);
    remove_staging(staging);
    return result;
}

static enum result fill(const char *program, const char *directory, const char *source,
                        const struct ring_wanted *wanted, size_t *n_out, struct problem *problem)
{
    enum result result = ring_take(program, directory, source, wanted, n_out, problem);
    if (result != RESULT_OK)
        return result;
    /* Whether a key is disabled is written in the admin's trust database, by fingerprint; there need not be
     * one. */
    result = copy_file(source, "trustdb.gpg", directory, problem);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static enum result make_read_only(const char *directory, struct problem *problem)
{
    static const char *const names[] = {"gpg.conf", "pubring.kbx", "trustdb.gpg", "few.kbx"};
    char path[PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s/pubring.kbx~", directory);
    (void)unlink(path);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        if (chmod(path, 0400) != 0 && errno != ENOENT)
            return problem_set(problem, RESULT_TRY_LATER, "%s: chmod: %s", path, strerror(errno));
    }
    if (chmod(directory, 0500) != 0)
        return problem_set(problem, RESULT_TRY_LATER, "%s: chmod: %s", directory, strerror(errno));
    return RESULT_OK;
}

static enum result write_options(const char *directory, struct problem *problem)
{
    char options[sizeof OPTIONS + 200];
    int length = snprintf(options, sizeof options, "%s%s", OPTIONS, excerpt_options(directory));
    return ring_write(directory, "gpg.conf", options, (size_t)length, problem);
}

enum result ring_build(const char *program, const char *directory, const char *source,
                       const struct ring_wanted *wanted, size_t *n_out, struct problem *problem)
{
    *n_out = 0;
    enum result result = ring_write(directory, "gpg.conf", OPTIONS, sizeof OPTIONS - 1, problem);
    if (result == RESULT_OK && wanted->n_fingerprints)
        result = fill(program, directory, source, wanted, n_out, problem);
    if (result == RESULT_OK)
        result = excerpt_prepare(directory, problem);
    if (result == RESULT_OK && excerpt_options(directory)[0])
        result = write_options(directory, problem);
    return result == RESULT_OK ? make_read_only(directory, problem) : result;
}

/* As OPTIONS, with an agent: who decrypts needs one. */
static const char OPEN_OPTIONS[] = "no-random-seed-file\n"
                                   "lock-never\n"
                                   "trust-model always\n"
                                   "no-auto-check-trustdb\n"
                                   "no-auto-key-locate\n"
                                   "no-auto-key-retrieve\n"
                                   "disable-dirmngr\n"
                                   "batch\n"
                                   "no-greeting\n"
                                   "no-encrypt-to\n"
                                   "compress-algo none\n";

/* Nobody is there to type a passphrase: a key that has one is an error, not a dialogue. */
const char RING_AGENT_OPTIONS[] = "pinentry-program /bin/false\n"
                                  "disable-scdaemon\n"
                                  "batch\n";

static enum result link_secrets(const char *directory, const char *secrets, struct problem *problem)
{
    char path[PATH_ROOM], target[PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s/private-keys-v1.d", directory);
    (void)snprintf(target, sizeof target, "%s/private-keys-v1.d", secrets);
    if (access(target, R_OK | X_OK) != 0)
        return problem_set(problem, RESULT_TRY_LATER,
                           "%s: holds no secret keys that we may read: make the domain's key there with gpg "
                           "--homedir %s, as the user khatmd runs as",
                           secrets, secrets);
    return symlink(target, path) == 0
               ? RESULT_OK
               : problem_set(problem, RESULT_TRY_LATER, "%s: cannot be made: %s", path, strerror(errno));
}

enum result ring_build_to_open(const char *program, const char *directory, const char *source,
                               const struct ring_wanted *wanted, const char *secrets, struct problem *problem)
{
    size_t n;
    enum result result = ring_write(directory, "gpg.conf", OPEN_OPTIONS, sizeof OPEN_OPTIONS - 1, problem);
    if (result == RESULT_OK)
        result = ring_write(directory, "gpg-agent.conf", RING_AGENT_OPTIONS, sizeof RING_AGENT_OPTIONS - 1,
                            problem);
    if (result == RESULT_OK)
        result = link_secrets(directory, secrets, problem);
    if (result == RESULT_OK)
        result = copy_rings(secrets, directory, problem);
    if (result == RESULT_OK && wanted->n_fingerprints)
        result = fill(program, directory, source, wanted, &n, problem);
    return result == RESULT_OK ? secret_test(program, directory, secrets, problem) : result;
}

enum result ring_for_keys(const char *program, const char *directory, const char *source,
                          const struct gpg_certifiers *certifiers, struct problem *problem)
{
    size_t n = 0;
    const struct ring_wanted wanted = {
        .fingerprints = certifiers->fingerprints, .n_fingerprints = certifiers->n, .certifiers = *certifiers};
    enum result result = ring_write(directory, "gpg.conf", OPTIONS, sizeof OPTIONS - 1, problem);
    /* A home without any key yet has no certifiers, either. */
    return result == RESULT_OK && certifiers->n && has_ring(source)
               ? fill(program, directory, source, &wanted, &n, problem)
               : result;
}

enum result ring_for_check(const char *directory, const char *fingerprint, struct problem *problem)
{
    char options[sizeof CHECK_OPTIONS + 64];
    int length = snprintf(options, sizeof options, "%strusted-key %s\n", CHECK_OPTIONS, fingerprint);
    return ring_write(directory, "gpg.conf", options, length > 0 ? (size_t)length : 0, problem);
}
