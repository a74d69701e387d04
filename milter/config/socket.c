/* SPDX-License-Identifier: Apache-2.0 */
#include "config/socket.h"

#include "base/ip.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static bool unix_address(const char *path, struct sockaddr_storage *address_out, socklen_t *size_out)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!*path || strlen(path) >= sizeof address.sun_path)
        return false;
    memcpy(address.sun_path, path, strlen(path));
    memcpy(address_out, &address, sizeof address);
    *size_out = sizeof address;
    return true;
}

static void internet_address(const struct ip *ip, uint16_t port, struct sockaddr_storage *address_out,
                             socklen_t *size_out)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    *size_out = ip->six ? sizeof six : sizeof four;
    if (ip->six)
        memcpy(&six.sin6_addr, ip->bytes, sizeof six.sin6_addr);
    else
        memcpy(&four.sin_addr, ip->bytes, sizeof four.sin_addr);
    memcpy(address_out, ip->six ? (const void *)&six : (const void *)&four, *size_out);
}

bool socket_address(const char *socket, struct sockaddr_storage *address_out, socklen_t *size_out)
{
    const char *colon = strchr(socket, ':'), *at = strrchr(socket, '@');
    struct ip ip;
    memset(address_out, 0, sizeof *address_out);
    if (strncmp(socket, "unix:", 5) == 0)
        return unix_address(socket + 5, address_out, size_out);
    if (!colon || !at || !ip_parse(at + 1, &ip))
        return false;
    internet_address(&ip, (uint16_t)strtoul(colon + 1, NULL, 10), address_out, size_out);
    return true;
}
