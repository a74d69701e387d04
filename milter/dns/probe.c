/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/probe.h"

#include "base/clock.h"
#include "base/fd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_DEFAULT = 53, PORT_MAX = 65535 };

/* RFC 1035, 4.1: header (id, recursion desired, one question), then ". IN NS". */
static const uint8_t question[] = {0x4b, 0x48, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};

static int send_to(const struct probe_server *server)
{
    int fd = socket(server->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && (connect(fd, (const struct sockaddr *)&server->address, server->size) != 0 ||
                    send(fd, question, sizeof question, 0) < 0))
        fd_close(&fd);
    return fd;
}

/* A server that is not there at all says so by an error on the socket. */
static bool heard(struct pollfd *poller)
{
    uint8_t answer[16];
    if (!poller->revents)
        return false;
    if (recv(poller->fd, answer, sizeof answer, 0) > 0)
        return true;
    if (errno != EAGAIN && errno != EINTR)
        poller->fd = -1 - poller->fd;
    return false;
}

static bool wait_for_any(struct pollfd *polls, size_t n, int64_t wait_ms)
{
    int64_t until_ms = clock_monotonic_ms() + wait_ms;
    while (clock_left_ms(until_ms) > 0) {
        size_t waiting = 0;
        for (size_t i = 0; i < n; i++)
            waiting += polls[i].fd >= 0;
        if (!waiting)
            return false;
        if (poll(polls, (nfds_t)n, clock_left_ms(until_ms)) <= 0)
            continue;
        for (size_t i = 0; i < n; i++)
            if (polls[i].fd >= 0 && heard(&polls[i]))
                return true;
    }
    return false;
}

bool probe_servers(const struct probe_server *servers, size_t n_servers, int64_t wait_ms)
{
    struct pollfd polls[PROBE_SERVERS_MAX];
    size_t n = n_servers < PROBE_SERVERS_MAX ? n_servers : PROBE_SERVERS_MAX;
    for (size_t i = 0; i < n; i++)
        polls[i] = (struct pollfd){.fd = send_to(&servers[i]), .events = POLLIN};
    bool any = wait_for_any(polls, n, wait_ms);
    for (size_t i = 0; i < n; i++) {
        int fd = polls[i].fd < -1 ? -1 - polls[i].fd : polls[i].fd;
        fd_close(&fd);
    }
    return any;
}

bool probe_parse(const char *text, struct probe_server *server)
{
    char address[INET6_ADDRSTRLEN + 1];
    const char *at = strchr(text, '@');
    size_t length = at ? (size_t)(at - text) : strlen(text);
    char *end = NULL;
    unsigned long port = at ? strtoul(at + 1, &end, 10) : PORT_DEFAULT;
    if (length >= sizeof address || (at && (end == at + 1 || *end)) || !port || port > PORT_MAX)
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    memset(server, 0, sizeof *server);
    struct sockaddr_in *four = (struct sockaddr_in *)&server->address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&server->address;
    if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
        server->size = sizeof *four;
        return true;
    }
    if (inet_pton(AF_INET6, address, &six->sin6_addr) != 1)
        return false;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)port);
    server->size = sizeof *six;
    return true;
}
