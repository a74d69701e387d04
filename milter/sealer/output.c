/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/output.h"

#include "base/fd.h"

#include <errno.h>
#include <string.h>

void output_begin(struct output *output, int fd)
{
    output->fd = fd;
    output->result = RESULT_OK;
    output->error = 0;
    output->used = 0;
    output->total = 0;
    output->digest = NULL;
    output->digested = 0;
}

static void digest_rest(struct output *output)
{
    if (output->digest && output->used > output->digested)
        digest_update(output->digest, output->bytes + output->digested, output->used - output->digested);
    output->digested = output->used;
}

void output_digest(struct output *output, struct digest *digest)
{
    digest_rest(output);
    output->digested = output->used;
    output->digest = digest;
}

enum result output_flush(struct output *output)
{
    digest_rest(output);
    if (output->result == RESULT_OK && output->used) {
        errno = 0;
        output->result = fd_write_all(output->fd, output->bytes, output->used);
        if (output->result != RESULT_OK)
            output->error = errno;
    }
    output->used = output->digested = 0;
    return output->result;
}

char *output_room(struct output *output, size_t size)
{
    /* After a failure bytes go into the buffer and nowhere else; the result says so in the end. */
    if (size > sizeof output->bytes - output->used && output_flush(output) != RESULT_OK)
        output->used = output->digested = 0;
    char *room = output->bytes + output->used;
    output->used += size;
    output->total += size;
    return room;
}

void output_puts(struct output *output, const char *text)
{
    size_t size = strlen(text);
    memcpy(output_room(output, size), text, size);
}
