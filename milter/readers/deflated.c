/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/deflated.h"

#include "base/buffer.h"

#include <zlib.h>

enum { PIECE = 16 * 1024 };

/* False: damaged. A budget that ends is said by whoever asked it. */
static bool inflate_all(struct reading *reading, z_stream *stream, struct buffer *buffer)
{
    uint8_t piece[PIECE];
    int status = Z_OK;
    while (status == Z_OK) {
        stream->next_out = piece;
        stream->avail_out = sizeof piece;
        status = inflate(stream, Z_NO_FLUSH);
        size_t size = sizeof piece - stream->avail_out;
        if (!budget_bytes(reading->budget, size))
            return true;
        buffer_append(buffer, piece, size);
    }
    return status == Z_STREAM_END && !buffer->failed;
}

void deflated_embedded(struct reading *reading, struct bytes packed, const char *damaged)
{
    struct buffer buffer;
    z_stream stream = {.next_in = (z_const Bytef *)(uintptr_t)packed.at, .avail_in = (uInt)packed.size};
    if (packed.size > UINT32_MAX || inflateInit(&stream) != Z_OK) {
        reading_raise(reading, PART_UNREAD, damaged);
        return;
    }
    buffer_init(&buffer, BUDGET_DOCUMENT_MAX);
    if (!inflate_all(reading, &stream, &buffer))
        reading_raise(reading, PART_UNREAD, damaged);
    (void)inflateEnd(&stream);
    if (buffer.size && !reading->budget->exhausted)
        (void)reading_embedded(reading, NULL, buffer_text(&buffer), buffer.size);
    buffer_free(&buffer);
}
