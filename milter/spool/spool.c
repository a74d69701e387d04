/* SPDX-License-Identifier: Apache-2.0 */
#include "spool/spool.h"

#include "base/fd.h"

enum result spool_open(const char *directory, uint64_t limit_bytes, struct spool *spool, struct problem *problem)
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
