/* SPDX-License-Identifier: Apache-2.0 */
#include "mta/macros.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

char *macros_copy(SMFICTX *ctx, const char *name)
{
    const char *value = smfi_getsymval(ctx, (char *)(uintptr_t)name);
    return value && *value ? strdup(value) : NULL;
}

char *macros_client_address(const _SOCK_ADDR *address)
{
    char text[INET6_ADDRSTRLEN];
    if (!address)
        return NULL;
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return inet_ntop(AF_INET, &in.sin_addr, text, sizeof text) ? strdup(text) : NULL;
    }
    if (address->sa_family != AF_INET6)
        return NULL;
    struct sockaddr_in6 in6;
    memcpy(&in6, address, sizeof in6);
    if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
        return inet_ntop(AF_INET, in6.sin6_addr.s6_addr + 12, text, sizeof text) ? strdup(text) : NULL;
    return inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text) ? strdup(text) : NULL;
}
