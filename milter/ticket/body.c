/* SPDX-License-Identifier: Apache-2.0 */
#include "ticket/ticket.h"

#include "base/fd.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024 };

/* Where the body ends without its empty lines. */
static enum result find_end(const struct ticket_reading *reading, char *block, uint64_t *end_out)
{
    uint64_t end = reading->size;
    while (end >= 2) {
        size_t part = end < BLOCK_BYTES ? (size_t)end : BLOCK_BYTES, left = part;
        if (fd_read_at(reading->fd, block, part, reading->offset + end - part) != RESULT_OK)
            return RESULT_TRY_LATER;
        while (left >= 2 && block[left - 2] == '\r' && block[left - 1] == '\n')
            left -= 2;
        end -= part - left;
        /* One octet left over may be the second of a pair: look again from there. */
        if (left > 1 || part == left)
            break;
    }
    *end_out = end;
    return RESULT_OK;
}

/* `block` is not on the stack, whose pages would stay with the thread. */
static enum result add_body(struct digest *digest, const struct ticket_reading *reading, char *block)
{
    uint64_t end;
    enum result result = find_end(reading, block, &end);
    for (uint64_t at = 0; result == RESULT_OK && at < end;) {
        size_t part = end - at < BLOCK_BYTES ? (size_t)(end - at) : BLOCK_BYTES;
        result = fd_read_at(reading->fd, block, part, reading->offset + at);
        if (result == RESULT_OK)
            digest_update(digest, block, part);
        at += part;
    }
    digest_update(digest, "\r\n", 2);
    return result == RESULT_OK ? RESULT_OK : RESULT_TRY_LATER;
}

enum result ticket_body(const struct ticket_reading *reading, uint8_t digest_out[DIGEST_BYTES])
{
    struct digest *digest = digest_new();
    char *block = malloc(BLOCK_BYTES);
    if (!digest || !block) {
        digest_free(digest);
        free(block);
        return RESULT_TRY_LATER;
    }
    for (const char *const *field = reading->fields; *field; field++) {
        digest_update(digest, *field, strlen(*field));
        digest_update(digest, "\r\n", 2);
    }
    /* An empty line: no body can pass for a field, nor the reverse. */
    digest_update(digest, "\r\n", 2);
    enum result result = add_body(digest, reading, block);
    if (result == RESULT_OK)
        result = digest_finish(digest, digest_out);
    digest_free(digest);
    free(block);
    return result;
}
