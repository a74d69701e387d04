/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/loop.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static gpgme_error_t add_source(void *opaque, int fd, int reads, gpgme_io_cb_t call, void *data, void **tag)
{
    struct loop *loop = opaque;
    for (uintptr_t i = 0; i < LOOP_SOURCES_MAX; i++) {
        if (loop->polls[i].fd >= 0)
            continue;
        loop->polls[i] = (struct pollfd){.fd = fd, .events = reads ? POLLIN : POLLOUT};
        loop->sources[i].call = call;
        loop->sources[i].data = data;
        loop->sources[i].carries_output = false;
        *tag = &loop->polls[i];
        return 0;
    }
    return gpgme_error(GPG_ERR_RESOURCE_LIMIT);
}

static void remove_source(void *tag)
{
    *(struct pollfd *)tag = (struct pollfd){.fd = -1};
}

static void on_event(void *opaque, gpgme_event_io_t type, void *type_data)
{
    struct loop *loop = opaque;
    if (type == GPGME_EVENT_START) {
        loop->started = true;
    } else if (type == GPGME_EVENT_NEXT_KEY) {
        if (loop->on_key)
            loop->on_key(loop->key_context, type_data);
        else
            gpgme_key_unref(type_data);
    } else if (type == GPGME_EVENT_DONE) {
        const struct gpgme_io_event_done_data *done = type_data;
        loop->done = true;
        loop->error = done->err ? done->err : done->op_err;
    }
}

void loop_attach(struct loop *loop, gpgme_ctx_t ctx)
{
    struct gpgme_io_cbs callbacks = {
        .add = add_source, .add_priv = loop, .remove = remove_source, .event = on_event, .event_priv = loop};
    gpgme_set_io_cbs(ctx, &callbacks);
    loop_begin(loop, NULL);
}

void loop_begin(struct loop *loop, const struct loop_data *data)
{
    loop->started = loop->done = loop->wrote = false;
    loop->error = 0;
    loop->on_key = NULL;
    loop->data = data ? *data : (struct loop_data){NULL, NULL, NULL};
    loop->in_at = loop->in_size = 0;
    for (size_t i = 0; i < LOOP_SOURCES_MAX; i++)
        loop->polls[i].fd = -1;
}

ssize_t loop_read(void *opaque, void *bytes, size_t size)
{
    struct loop *loop = opaque;
    size_t left = loop->in_size - loop->in_at;
    if (!left)
        return loop->data.read(loop->data.context, bytes, size);
    size_t take = size < left ? size : left;
    memcpy(bytes, loop->in + loop->in_at, take);
    loop->in_at += take;
    return (ssize_t)take;
}

ssize_t loop_write(void *opaque, const void *bytes, size_t size)
{
    struct loop *loop = opaque;
    loop->wrote = true;
    return loop->data.write(loop->data.context, bytes, size);
}

/* True: the pipe to gpg took something or is full. False: the end, an error: GPGME's turn. */
static bool feed(struct loop *loop, int fd)
{
    if (loop->in_at == loop->in_size) {
        ssize_t got = loop->data.read(loop->data.context, loop->in, sizeof loop->in);
        if (got <= 0)
            return false;
        loop->in_at = 0;
        loop->in_size = (size_t)got;
    }
    ssize_t sent = write(fd, loop->in + loop->in_at, loop->in_size - loop->in_at);
    if (sent > 0)
        loop->in_at += (size_t)sent;
    return sent > 0 || errno == EAGAIN || errno == EINTR;
}

static bool drain(struct loop *loop, int fd)
{
    ssize_t got = read(fd, loop->out, sizeof loop->out);
    if (got > 0)
        return loop->data.write(loop->data.context, loop->out, (size_t)got) == got;
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

static gpgme_error_t serve_source(struct loop *loop, size_t i)
{
    int fd = loop->polls[i].fd;
    if (loop->data.read && (loop->polls[i].events & POLLOUT) && feed(loop, fd))
        return 0;
    if (loop->sources[i].carries_output && drain(loop, fd))
        return 0;
    loop->wrote = false;
    gpgme_error_t error = loop->sources[i].call(loop->sources[i].data, fd);
    /* Which pipe the output comes from, GPGME does not tell: it is the one whose data arrived just now. */
    if (loop->wrote && loop->polls[i].fd == fd)
        loop->sources[i].carries_output = true;
    return error;
}

/* A callback may add and remove sources: a removed one has no events left, an added one none yet. */
static gpgme_error_t dispatch(struct loop *loop)
{
    for (size_t i = 0; i < LOOP_SOURCES_MAX && !loop->done; i++) {
        if (loop->polls[i].fd < 0 || !loop->polls[i].revents)
            continue;
        loop->polls[i].revents = 0;
        gpgme_error_t error = serve_source(loop, i);
        if (error)
            return error;
    }
    return 0;
}

static bool is_idle(const struct loop *loop)
{
    for (size_t i = 0; i < LOOP_SOURCES_MAX; i++)
        if (loop->polls[i].fd >= 0)
            return false;
    return true;
}

gpgme_error_t loop_run(struct loop *loop, gpgme_error_t started)
{
    gpgme_error_t error = started;
    while (!error && !loop->done) {
        /* Nothing left to wait for and not done: GPGME lost track. */
        if (!loop->started || is_idle(loop))
            return gpgme_error(GPG_ERR_INTERNAL);
        if (poll(loop->polls, LOOP_SOURCES_MAX, -1) < 0 && errno != EINTR)
            return gpgme_error_from_errno(errno);
        error = dispatch(loop);
    }
    return error ? error : loop->error;
}
