/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

enum result fd_write_all(int fd, const void *bytes, size_t size)
{
    const char *next = bytes;
    while (size) {
        ssize_t written = write(fd, next, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return RESULT_TRY_LATER;
        next += written;
        size -= (size_t)written;
    }
    return RESULT_OK;
}

enum result fd_read_at(int fd, void *bytes, size_t size, uint64_t offset)
{
    char *next = bytes;
    while (size) {
        ssize_t got = pread(fd, next, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return RESULT_TRY_LATER;
        if (got == 0)
            return RESULT_BAD_INPUT;
        next += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return RESULT_OK;
}

enum result fd_open_unnamed(const char *directory, int *fd_out, struct problem *problem)
{
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return problem_set(problem, RESULT_TRY_LATER, "%s: cannot make a file here: %s", directory,
                           strerror(errno));
    *fd_out = fd;
    return RESULT_OK;
}

enum result fd_reopen_readonly(int fd, int *fd_out)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int copy = open(path, O_RDONLY | O_CLOEXEC);
    if (copy < 0)
        return RESULT_TRY_LATER;
    *fd_out = copy;
    return RESULT_OK;
}
