/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/wire.h"

#include "base/clock.h"
#include "base/fd.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { HEADER_BYTES = 2, FIELD_HEADER_BYTES = 5 };

enum result wire_pair(int fds_out[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds_out) == 0 ? RESULT_OK : RESULT_TRY_LATER;
}

void wire_begin(struct wire_frame *frame, uint8_t type)
{
    frame->size = HEADER_BYTES;
    frame->overflow = false;
    frame->n_fds = 0;
    frame->bytes[0] = WIRE_VERSION;
    frame->bytes[1] = type;
}

void wire_retype(struct wire_frame *frame, uint8_t type)
{
    frame->bytes[1] = type;
}

void wire_put_bytes(struct wire_frame *frame, uint8_t tag, const void *bytes, size_t size)
{
    if (frame->overflow || size > WIRE_FRAME_MAX ||
        frame->size + FIELD_HEADER_BYTES + size > WIRE_FRAME_MAX) {
        frame->overflow = true;
        return;
    }
    uint8_t *at = frame->bytes + frame->size;
    at[0] = tag;
    for (int i = 0; i < 4; i++)
        at[1 + i] = (uint8_t)(size >> (24 - 8 * i));
    if (size)
        memcpy(at + FIELD_HEADER_BYTES, bytes, size);
    frame->size += FIELD_HEADER_BYTES + size;
}

void wire_put_text(struct wire_frame *frame, uint8_t tag, const char *text, size_t max_bytes)
{
    if (text)
        wire_put_bytes(frame, tag, text, strnlen(text, max_bytes));
}

void wire_put_number(struct wire_frame *frame, uint8_t tag, uint64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    wire_put_bytes(frame, tag, bytes, sizeof bytes);
}

void wire_put_fd(struct wire_frame *frame, int fd)
{
    if (frame->n_fds == WIRE_FDS_MAX)
        frame->overflow = true;
    else
        frame->fds[frame->n_fds++] = fd;
}

static enum result wait_for(int socket, short events, int64_t deadline_ms)
{
    struct pollfd poller = {.fd = socket, .events = events};
    for (;;) {
        int ready = poll(&poller, 1, clock_left_ms(deadline_ms));
        if (ready > 0)
            return RESULT_OK;
        if (ready == 0 || errno != EINTR)
            return RESULT_TRY_LATER;
    }
}

union descriptor_room {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * WIRE_FDS_MAX)];
};

static void attach_fds(struct msghdr *message, union descriptor_room *room, const struct wire_frame *frame)
{
    size_t size = sizeof(int) * (size_t)frame->n_fds;
    message->msg_control = room->bytes;
    message->msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), frame->fds, size);
}

enum result wire_send(int socket, const struct wire_frame *frame, int64_t deadline_ms)
{
    if (frame->overflow)
        return RESULT_BUG;
    union descriptor_room room = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)frame->bytes, .iov_len = frame->size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (frame->n_fds)
        attach_fds(&message, &room, frame);
    for (;;) {
        ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent == (ssize_t)frame->size)
            return RESULT_OK;
        if (sent >= 0 || (errno != EAGAIN && errno != EINTR))
            return RESULT_TRY_LATER;
        if (errno == EAGAIN && wait_for(socket, POLLOUT, deadline_ms) != RESULT_OK)
            return RESULT_TRY_LATER;
    }
}

static void take_fds(struct msghdr *message, struct wire_frame *frame)
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            if (frame->n_fds < WIRE_FDS_MAX)
                frame->fds[frame->n_fds++] = fd;
            else
                fd_close(&fd);
        }
    }
}

/* Every field lies within the frame: checked once here, so that wire_next can only meet whole fields. */
static bool fields_are_whole(const struct wire_frame *frame)
{
    size_t at = HEADER_BYTES;
    while (at < frame->size) {
        if (frame->size - at < FIELD_HEADER_BYTES)
            return false;
        size_t size = 0;
        for (int i = 1; i <= 4; i++)
            size = size << 8 | frame->bytes[at + (size_t)i];
        at += FIELD_HEADER_BYTES;
        if (size > frame->size - at)
            return false;
        at += size;
    }
    return true;
}

enum result wire_receive(int socket, struct wire_frame *frame, int64_t deadline_ms)
{
    union descriptor_room room;
    struct iovec part = {.iov_base = frame->bytes, .iov_len = WIRE_FRAME_MAX};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t got;
    frame->size = 0;
    frame->n_fds = 0;
    frame->overflow = false;
    do {
        if (wait_for(socket, POLLIN, deadline_ms) != RESULT_OK)
            return RESULT_TRY_LATER;
        message.msg_control = room.bytes;
        message.msg_controllen = sizeof room.bytes;
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    } while (got < 0 && (errno == EINTR || errno == EAGAIN));
    if (got < 0)
        return errno == ECONNRESET ? RESULT_NOT_FOUND : RESULT_TRY_LATER;
    take_fds(&message, frame);
    if (got == 0) {
        wire_close_fds(frame);
        return RESULT_NOT_FOUND;
    }
    frame->size = (size_t)got;
    bool cut = message.msg_flags & (MSG_TRUNC | MSG_CTRUNC);
    if (cut || frame->size < HEADER_BYTES || frame->bytes[0] != WIRE_VERSION || !fields_are_whole(frame)) {
        wire_close_fds(frame);
        return RESULT_BAD_INPUT;
    }
    return RESULT_OK;
}

void wire_close_fds(struct wire_frame *frame)
{
    for (int i = 0; i < frame->n_fds; i++)
        fd_close(&frame->fds[i]);
    frame->n_fds = 0;
}

uint8_t wire_type(const struct wire_frame *frame)
{
    return frame->bytes[1];
}

enum result wire_next(const struct wire_frame *frame, size_t *cursor, struct wire_field *field_out)
{
    size_t at = *cursor ? *cursor : HEADER_BYTES;
    if (frame->size < at + FIELD_HEADER_BYTES)
        return RESULT_NOT_FOUND;
    const uint8_t *bytes = frame->bytes + at;
    size_t size = (size_t)bytes[1] << 24 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 8 | bytes[4];
    *field_out = (struct wire_field){.tag = bytes[0], .bytes = bytes + FIELD_HEADER_BYTES, .size = size};
    *cursor = at + FIELD_HEADER_BYTES + size;
    return RESULT_OK;
}

enum result wire_number(const struct wire_field *field, uint64_t *number_out)
{
    if (field->size != 8)
        return RESULT_BAD_INPUT;
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | field->bytes[i];
    *number_out = number;
    return RESULT_OK;
}

enum result wire_text(const struct wire_field *field, char *text, size_t room)
{
    if (field->size >= room || memchr(field->bytes, '\0', field->size))
        return RESULT_BAD_INPUT;
    memcpy(text, field->bytes, field->size);
    text[field->size] = '\0';
    return RESULT_OK;
}
