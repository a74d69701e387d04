/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/assuan.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 4096 };

bool assuan_send(struct assuan *assuan, const char *lines, size_t size, int fd)
{
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = {.room = {0}};
    struct iovec bytes = {.iov_base = (void *)(uintptr_t)lines, .iov_len = size};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
        control.header = (struct cmsghdr){
            .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    }
    ssize_t sent = 0;
    do
        sent = sendmsg(assuan->socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    /* A few hundred bytes always fit; a part of them would be half a line. */
    return sent == (ssize_t)size;
}

static void hear(struct assuan *assuan, char c)
{
    static const char end[] = "[GNUPG:] END_ENCRYPTION";
    if (c != '\n') {
        if (assuan->n_said < ASSUAN_LINE_MAX)
            assuan->said[assuan->n_said++] = c;
        return;
    }
    assuan->said[assuan->n_said] = '\0';
    assuan->end_encryption |= strcmp(assuan->said, end) == 0;
    assuan->n_said = 0;
}

static void read_status(struct assuan *assuan)
{
    char block[BLOCK];
    ssize_t got;
    while ((got = read(assuan->status, block, sizeof block)) > 0)
        for (ssize_t i = 0; i < got; i++)
            hear(assuan, block[i]);
}

/* More of what it answers, into the line. */
static bool read_answer(struct assuan *assuan)
{
    struct pollfd polls[] = {{assuan->socket, POLLIN, 0}, {assuan->status, POLLIN, 0}};
    if (poll(polls, 2, -1) < 0)
        return errno == EINTR;
    if (polls[1].revents)
        read_status(assuan);
    if (!polls[0].revents)
        /* Without a status pipe it is gone. */
        return !(polls[1].revents & POLLHUP);
    ssize_t got = read(assuan->socket, assuan->line + assuan->n_line, ASSUAN_LINE_MAX - assuan->n_line);
    if (got > 0)
        assuan->n_line += (size_t)got;
    return got > 0 || (got < 0 && errno == EINTR);
}

/* Takes a whole line off what was read. False: there is none yet. */
static bool next_line(struct assuan *assuan, char line_out[ASSUAN_LINE_MAX + 1])
{
    const char *end = memchr(assuan->line, '\n', assuan->n_line);
    if (!end)
        return false;
    size_t size = (size_t)(end - assuan->line);
    memcpy(line_out, assuan->line, size);
    line_out[size] = '\0';
    assuan->n_line -= size + 1;
    memmove(assuan->line, end + 1, assuan->n_line);
    return true;
}

static bool is_remark(const char *line)
{
    return line[0] == '#' || strncmp(line, "S ", 2) == 0;
}

static bool is_ok(const char *line)
{
    return strncmp(line, "OK", 2) == 0 && (line[2] == '\0' || line[2] == ' ');
}

bool assuan_answers(struct assuan *assuan, size_t n)
{
    char line[ASSUAN_LINE_MAX + 1];
    while (n) {
        if (!next_line(assuan, line)) {
            if (assuan->n_line == ASSUAN_LINE_MAX || !read_answer(assuan))
                return false;
            continue;
        }
        if (is_remark(line))
            continue;
        if (!is_ok(line))
            return false;
        n--;
    }
    /* What it said before its last answer is there. */
    read_status(assuan);
    return true;
}
