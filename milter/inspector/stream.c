/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/stream.h"

#include <string.h>

struct source_stream {
    GMimeStream parent;
    struct source *source;
};

struct source_stream_class {
    GMimeStreamClass parent;
};

static GType source_stream_get_type(void);
static GMimeStream *new_stream(struct source *source, gint64 start, gint64 end);

static struct source_stream *cast(GMimeStream *stream)
{
    return (struct source_stream *)stream;
}

static gint64 stream_end(const GMimeStream *stream, const struct source *source)
{
    gint64 size = (gint64)source->size;
    return stream->bound_end >= 0 && stream->bound_end < size ? stream->bound_end : size;
}

static ssize_t stream_read(GMimeStream *stream, char *buffer, size_t size)
{
    struct source *source = cast(stream)->source;
    const char *bytes;
    gint64 end = stream_end(stream, source);
    if (stream->position < 0 || stream->position >= end)
        return 0;
    size_t got = source_view(source, (uint64_t)stream->position, (uint64_t)end, &bytes);
    if (got > size)
        got = size;
    memcpy(buffer, bytes, got);
    stream->position += (gint64)got;
    return (ssize_t)got;
}

static ssize_t stream_write(GMimeStream *stream, const char *buffer, size_t size)
{
    (void)stream;
    (void)buffer;
    (void)size;
    return -1;
}

static int stream_nothing(GMimeStream *stream)
{
    (void)stream;
    return 0;
}

static gboolean stream_eos(GMimeStream *stream)
{
    return stream->position >= stream_end(stream, cast(stream)->source);
}

static int stream_reset(GMimeStream *stream)
{
    stream->position = stream->bound_start;
    return 0;
}

static gint64 stream_seek(GMimeStream *stream, gint64 offset, GMimeSeekWhence whence)
{
    gint64 base = 0;
    switch (whence) {
    case GMIME_STREAM_SEEK_SET:
        break;
    case GMIME_STREAM_SEEK_CUR:
        base = stream->position;
        break;
    case GMIME_STREAM_SEEK_END:
        base = stream_end(stream, cast(stream)->source);
        break;
    }
    gint64 to = base + offset;
    if (to < stream->bound_start || to > stream_end(stream, cast(stream)->source))
        return -1;
    stream->position = to;
    return to;
}

static gint64 stream_tell(GMimeStream *stream)
{
    return stream->position;
}

static gint64 stream_length(GMimeStream *stream)
{
    return stream_end(stream, cast(stream)->source) - stream->bound_start;
}

static GMimeStream *stream_substream(GMimeStream *stream, gint64 start, gint64 end)
{
    return new_stream(cast(stream)->source, start, end);
}

static void class_init(gpointer class, gpointer data)
{
    GMimeStreamClass *stream = class;
    (void)data;
    stream->read = stream_read;
    stream->write = stream_write;
    stream->flush = stream_nothing;
    stream->close = stream_nothing;
    stream->eos = stream_eos;
    stream->reset = stream_reset;
    stream->seek = stream_seek;
    stream->tell = stream_tell;
    stream->length = stream_length;
    stream->substream = stream_substream;
}

static GType source_stream_get_type(void)
{
    static GType type;
    if (!type) {
        const GTypeInfo info = {.class_size = sizeof(struct source_stream_class),
                                .class_init = class_init,
                                .instance_size = sizeof(struct source_stream)};
        type = g_type_register_static(GMIME_TYPE_STREAM, "KhatmSourceStream", &info, 0);
    }
    return type;
}

static GMimeStream *new_stream(struct source *source, gint64 start, gint64 end)
{
    GMimeStream *stream = g_object_new(source_stream_get_type(), NULL);
    g_mime_stream_construct(stream, start, end);
    cast(stream)->source = source;
    return stream;
}

GMimeStream *source_stream_new(struct source *source)
{
    return new_stream(source, 0, -1);
}

void source_stream_prepare(void)
{
    (void)g_type_class_ref(source_stream_get_type());
}
