/* SPDX-License-Identifier: Apache-2.0 */
#include "spool/spool.h"

#include "base/fd.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum result spool_prepare(const char *directory, struct problem *problem)
{
    struct stat status;
    int fd = -1;
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "spool.directory %s: cannot be made: %s: make the folder it is in", directory,
                           strerror(errno));
    if (stat(directory, &status) != 0 || !S_ISDIR(status.st_mode))
        return problem_set(problem, RESULT_BAD_INPUT,
                           "spool.directory %s: is no directory: remove it, or name another", directory);
    if (status.st_uid != geteuid() || (status.st_mode & 077) != 0)
        return problem_set(
            problem, RESULT_BAD_INPUT,
            "spool.directory %s: must belong to the user khatmd runs as and be closed to all others: "
            "chmod 0700, chown",
            directory);
    enum result result = fd_open_unnamed(directory, &fd, problem);
    fd_close(&fd);
    return result;
}

enum result spool_open(const char *directory, uint64_t limit_bytes, struct spool *spool,
                       struct problem *problem)
{
    *spool = (struct spool){.fd = -1, .limit = limit_bytes};
    return fd_open_unnamed(directory, &spool->fd, problem);
}

void spool_close(struct spool *spool)
{
    fd_close(&spool->fd);
}

enum result spool_append(struct spool *spool, const void *bytes, size_t size)
{
    if (size > spool->limit - spool->size)
        return RESULT_BAD_INPUT;
    enum result result = fd_write_all(spool->fd, bytes, size);
    if (result == RESULT_OK)
        spool->size += size;
    return result;
}

enum result spool_end_header(struct spool *spool)
{
    enum result result = spool_append(spool, "\r\n", 2);
    spool->body_offset = spool->size;
    return result;
}
