/* SPDX-License-Identifier: Apache-2.0 */
#include "mta/macros.h"

#include "base/digest.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

char *macros_copy(SMFICTX *ctx, const char *name)
{
    const char *value = smfi_getsymval(ctx, (char *)(uintptr_t)name);
    return value && *value ? strdup(value) : NULL;
}

/* "+2B" is one byte; anything else after a plus, or a NUL, makes it no xtext. In place, since it only
 * shrinks. */
static bool decode_xtext(char *text)
{
    uint8_t byte;
    char *to = text;
    for (const char *at = text; *at; at++) {
        if (*at != '+') {
            *to++ = *at;
            continue;
        }
        if (!at[1] || !at[2] || hex_decode((const char[]){at[1], at[2], '\0'}, &byte, 1) != RESULT_OK ||
            !byte)
            return false;
        *to++ = (char)byte;
        at += 2;
    }
    *to = '\0';
    return true;
}

enum result macros_login(SMFICTX *ctx, struct arena *arena, const char **login_out)
{
    const char *login = smfi_getsymval(ctx, (char *)(uintptr_t) "{auth_authen}");
    *login_out = NULL;
    if (!login || !*login)
        return RESULT_OK;
    char *as_written = arena_strdup(arena, login), *decoded = arena_strdup(arena, login);
    if (!as_written || !decoded)
        return RESULT_TRY_LATER;
    /* Postfix knows no {auth_ssf} and writes logins as they are. */
    bool sendmail = smfi_getsymval(ctx, (char *)(uintptr_t) "{auth_ssf}") != NULL;
    *login_out = sendmail && decode_xtext(decoded) ? decoded : as_written;
    return RESULT_OK;
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
