/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/loop.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static gpgme_error_t add_source(void *opaque, int fd, int reads, gpgme_io_cb_t call, void *data, void **tag)
{
    struct loop *loop = opaque;
    for (uintptr_t i = 0; i < LOOP_SOURCES_MAX; i++) {
        if (loop->polls[i].fd >= 0)
            continue;
        loop->polls[i] = (struct pollfd){.fd = fd, .events = reads ? POLLIN : POLLOUT};
        loop->sources[i].call = call;
        loop->sources[i].data = data;
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
    loop_begin(loop);
}

void loop_begin(struct loop *loop)
{
    memset(loop, 0, sizeof *loop);
    for (size_t i = 0; i < LOOP_SOURCES_MAX; i++)
        loop->polls[i].fd = -1;
}

/* A callback may add and remove sources: a removed one has no events left, an added one none yet. */
static gpgme_error_t dispatch(struct loop *loop)
{
    for (size_t i = 0; i < LOOP_SOURCES_MAX && !loop->done; i++) {
        if (loop->polls[i].fd < 0 || !loop->polls[i].revents)
            continue;
        loop->polls[i].revents = 0;
        gpgme_error_t error = loop->sources[i].call(loop->sources[i].data, loop->polls[i].fd);
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
