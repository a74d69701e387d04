/* SPDX-License-Identifier: Apache-2.0 */
#include "mta/stream.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    STREAMS_MAX = 16384, /* descriptors above are not read ahead */
    STREAM_BYTES = 4096, /* the envelope and header section of most mail */
    HANDOVER_MS = 1,     /* libmilter takes a connection away from its thread when this long nothing came; */
    LINGER_MS = 20,      /* within a message that is too soon: another thread would be woken or made */
};

struct stream {
    size_t at, end;
    size_t owed; /* what the last read was too short by */
    unsigned char bytes[STREAM_BYTES];
};

/* By descriptor. Emptied before the descriptor is closed and its number is anybody's. */
static struct stream *_Atomic streams[STREAMS_MAX];

static _Thread_local int read_last = -1;

static struct stream *stream_of(int fd)
{
    return fd >= 0 && fd < STREAMS_MAX ? atomic_load_explicit(&streams[fd], memory_order_acquire) : NULL;
}

static void set_stream(int fd, struct stream *stream)
{
    if (fd >= 0 && fd < STREAMS_MAX)
        free(atomic_exchange_explicit(&streams[fd], stream, memory_order_acq_rel));
    else
        free(stream);
}

int stream_accept(int listener, struct sockaddr *address, socklen_t *length)
{
    int fd = accept4(listener, address, length, SOCK_CLOEXEC);
    if (fd >= 0)
        set_stream(fd, calloc(1, sizeof(struct stream)));
    return fd;
}

/* False: nothing there now, or an end or error that the next read will meet again. */
static bool fill(struct stream *stream, int fd)
{
    ssize_t got = recv(fd, stream->bytes, sizeof stream->bytes, MSG_DONTWAIT);
    stream->at = 0;
    stream->end = got > 0 ? (size_t)got : 0;
    return got > 0;
}

int stream_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    struct stream *stream = n == 1 && (fds->events & POLLIN) ? stream_of(fds->fd) : NULL;
    if (!stream)
        return poll(fds, n, timeout_ms);
    /* The rest of something long goes past the memory here, straight to where it is wanted. */
    bool is_long = stream->owed >= sizeof stream->bytes;
    if (stream->at < stream->end || (!is_long && fill(stream, fds->fd))) {
        fds->revents = POLLIN;
        return 1;
    }
    return poll(fds, n, timeout_ms == HANDOVER_MS ? LINGER_MS : timeout_ms);
}

static size_t hand_out(struct stream *stream, void *to, size_t size)
{
    size_t part = stream->end - stream->at < size ? stream->end - stream->at : size;
    memcpy(to, stream->bytes + stream->at, part);
    stream->at += part;
    return part;
}

ssize_t stream_read(int fd, void *to, size_t size)
{
    struct stream *stream = stream_of(fd);
    read_last = fd;
    if (!stream)
        return read(fd, to, size);
    if (stream->at == stream->end && size < sizeof stream->bytes)
        (void)fill(stream, fd);
    ssize_t got = stream->at < stream->end ? (ssize_t)hand_out(stream, to, size) : read(fd, to, size);
    stream->owed = got > 0 ? size - (size_t)got : 0;
    return got;
}

bool stream_ended(void)
{
    char byte;
    ssize_t got = recv(read_last, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

int stream_close(int fd)
{
    set_stream(fd, NULL);
    return close(fd);
}
