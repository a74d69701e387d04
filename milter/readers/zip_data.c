/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/zip.h"

#include <zlib.h>

enum { PIECE = 32 * 1024 };

struct reading {
    zip_take *take;
    void *context;
    uint64_t size;
    uint32_t crc;
};

static bool hand_on(struct reading *reading, const uint8_t *bytes, size_t size)
{
    reading->size += size;
    reading->crc = (uint32_t)crc32(reading->crc, bytes, (uInt)size);
    return reading->take(reading->context, bytes, size);
}

static enum result read_stored(struct bytes data, struct reading *reading)
{
    for (size_t at = 0; at < data.size; at += PIECE) {
        struct bytes piece = bytes_cut(data, at, PIECE);
        if (!hand_on(reading, piece.at, piece.size))
            return RESULT_NOT_FOUND;
    }
    return RESULT_OK;
}

static enum result inflate_all(z_stream *stream, uint64_t most, struct reading *reading)
{
    uint8_t piece[PIECE];
    for (int status = Z_OK; status != Z_STREAM_END;) {
        stream->next_out = piece;
        stream->avail_out = sizeof piece;
        status = inflate(stream, Z_NO_FLUSH);
        size_t size = sizeof piece - stream->avail_out;
        if ((status != Z_OK && status != Z_STREAM_END) || size > most - reading->size)
            return RESULT_BAD_INPUT;
        if (size && !hand_on(reading, piece, size))
            return RESULT_NOT_FOUND;
    }
    return stream->avail_in ? RESULT_BAD_INPUT : RESULT_OK;
}

static enum result read_deflated(struct bytes data, uint64_t most, struct reading *reading)
{
    z_stream stream = {.next_in = (z_const Bytef *)(uintptr_t)data.at, .avail_in = (uInt)data.size};
    if (data.size > UINT32_MAX)
        return RESULT_UNCERTAIN;
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return RESULT_TRY_LATER;
    enum result result = inflate_all(&stream, most, reading);
    (void)inflateEnd(&stream);
    return result;
}

enum result zip_read(const struct zip *zip, const struct zip_entry *entry, zip_take *take, void *context)
{
    struct reading reading = {.take = take, .context = context};
    if (entry->encrypted || (entry->method != ZIP_STORED && entry->method != ZIP_DEFLATED))
        return RESULT_UNCERTAIN;
    if (!bytes_hold(zip->bytes, entry->data_at, entry->packed))
        return RESULT_BAD_INPUT;
    struct bytes data = bytes_cut(zip->bytes, entry->data_at, entry->packed);
    enum result result = entry->method == ZIP_STORED ? read_stored(data, &reading)
                                                     : read_deflated(data, entry->size, &reading);
    if (result == RESULT_OK && (reading.size != entry->size || reading.crc != entry->crc))
        return RESULT_BAD_INPUT;
    return result;
}
