/* SPDX-License-Identifier: Apache-2.0 */
#include "config/kept.h"

#include "base/buffer.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char NAME[] = "registry.accepted", DRAFT[] = "registry.accepted.new";
static const char FORM[] = "khatm-accepted-registry 1\nauthority %s\nserial %lld\nsha256 %s\nregistry %zu\n"
                           "signature %zu\n\n";

enum { HEAD_MAX = 512, KEPT_MAX = 2 * SOURCE_LARGE + HEAD_MAX };

/* One line of the head, "NAME VALUE"; *at moves behind it. */
static bool take_line(const char **at, const char *name, char *value, size_t room)
{
    size_t length = strlen(name), end = strcspn(*at, "\n");
    if (strncmp(*at, name, length) != 0 || (*at)[length] != ' ' || (*at)[end] != '\n' || end - length > room)
        return false;
    memcpy(value, *at + length + 1, end - length - 1);
    value[end - length - 1] = '\0';
    *at += end + 1;
    return true;
}

static bool take_number(const char **at, const char *name, unsigned long long most,
                        unsigned long long *number)
{
    char digits[24];
    if (!take_line(at, name, digits, sizeof digits) || !*digits ||
        strspn(digits, "0123456789") != strlen(digits))
        return false;
    *number = strtoull(digits, NULL, 10);
    return *number <= most;
}

/* Head, registry, signature. What the head says must be what there is, to the byte. */
static bool parse(struct arena *arena, const struct source *file, struct kept *kept)
{
    char sha256[DIGEST_HEX], version[8];
    unsigned long long serial = 0, registry = 0, signature = 0;
    uint8_t digest[DIGEST_BYTES];
    const char *at = file->text;
    if (!take_line(&at, "khatm-accepted-registry", version, sizeof version) || strcmp(version, "1") != 0 ||
        !take_line(&at, "authority", kept->authority, sizeof kept->authority) ||
        !take_number(&at, "serial", INT64_MAX, &serial) || !take_line(&at, "sha256", sha256, sizeof sha256) ||
        !take_number(&at, "registry", SOURCE_LARGE, &registry) ||
        !take_number(&at, "signature", SOURCE_LARGE, &signature) || *at++ != '\n' ||
        (size_t)(at - file->text) + registry + signature != file->size)
        return false;
    kept->serial = (long long)serial;
    kept->registry = (struct source){file->path, arena_strndup(arena, at, registry), registry};
    kept->signature = (struct source){file->path, at + registry, signature};
    return kept->registry.text && hex_decode(sha256, kept->sha256, sizeof kept->sha256) == RESULT_OK &&
           digest_bytes(kept->registry.text, registry, digest) == RESULT_OK &&
           memcmp(digest, kept->sha256, sizeof digest) == 0 && !memchr(kept->registry.text, '\0', registry);
}

enum result kept_read(struct arena *arena, const char *directory, struct kept *kept_out,
                      struct problem *problem)
{
    struct source file;
    const char *path = arena_printf(arena, "%s/%s", directory, NAME);
    memset(kept_out, 0, sizeof *kept_out);
    if (!path)
        return problem_set(problem, RESULT_TRY_LATER, "%s: no memory to read it", directory);
    enum result result = source_read_bytes(arena, path, KEPT_MAX, true, &file, problem);
    if (result != RESULT_OK)
        return result;
    return parse(arena, &file, kept_out)
               ? RESULT_OK
               : source_problem(
                     problem, path, 0,
                     "is damaged, so nobody knows the last serial: restore it, or remove it to take the "
                     "registry as it is now");
}

bool kept_is_closed(const char *directory)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", directory, NAME);
    return n > 0 && n < (int)sizeof path && access(path, R_OK) != 0 && errno == EACCES;
}

static enum result write_draft(int directory, const struct kept *kept)
{
    char head[HEAD_MAX], sha256[DIGEST_HEX];
    uint8_t digest[DIGEST_BYTES];
    if (digest_bytes(kept->registry.text, kept->registry.size, digest) != RESULT_OK)
        return RESULT_TRY_LATER;
    hex_encode(digest, sizeof digest, sha256);
    int n = snprintf(head, sizeof head, FORM, kept->authority, kept->serial, sha256, kept->registry.size,
                     kept->signature.size);
    int fd = openat(directory, DRAFT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return RESULT_TRY_LATER;
    enum result result = n > 0 && n < HEAD_MAX ? fd_write_all(fd, head, (size_t)n) : RESULT_BUG;
    if (result == RESULT_OK)
        result = fd_write_all(fd, kept->registry.text, kept->registry.size);
    if (result == RESULT_OK)
        result = fd_write_all(fd, kept->signature.text, kept->signature.size);
    if (result == RESULT_OK && fsync(fd) != 0)
        result = RESULT_TRY_LATER;
    int why = errno;
    fd_close(&fd);
    errno = why;
    return result;
}

enum result kept_write(const char *directory, const struct kept *kept, struct problem *problem)
{
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return problem_set(problem, RESULT_TRY_LATER, "%s: cannot be made: %s: see 'state' in khatm.conf",
                           directory, strerror(errno));
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum result result = fd < 0 ? RESULT_TRY_LATER : write_draft(fd, kept);
    if (result == RESULT_OK && (renameat(fd, DRAFT, fd, NAME) != 0 || fsync(fd) != 0))
        result = RESULT_TRY_LATER;
    if (result != RESULT_OK)
        problem_set(problem, result,
                    "%s/%s: the registry's serial cannot be remembered: %s: see 'state' in khatm.conf",
                    directory, NAME, strerror(errno));
    fd_close(&fd);
    return result;
}
