/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/address.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { NIBBLES6 = 32 };

bool address_parse(const char *text, struct ip *ip)
{
    return ip_parse(text_starts_nocase(text, "IPv6:") ? text + strlen("IPv6:") : text, ip);
}

static unsigned nibble(const struct ip *ip, unsigned i)
{
    return i % 2 ? ip->bytes[i / 2] & 15U : ip->bytes[i / 2] >> 4;
}

void address_dotted(const struct ip *ip, char *out, size_t room)
{
    size_t length = 0;
    if (!ip->six) {
        (void)snprintf(out, room, "%u.%u.%u.%u", ip->bytes[0], ip->bytes[1], ip->bytes[2], ip->bytes[3]);
        return;
    }
    for (unsigned i = 0; i < NIBBLES6 && length + 3 < room; i++)
        length += (size_t)snprintf(out + length, room - length, i ? ".%x" : "%x", nibble(ip, i));
}

void address_reverse(const struct ip *ip, char *out, size_t room)
{
    size_t length = 0;
    if (!ip->six) {
        (void)snprintf(out, room, "%u.%u.%u.%u.in-addr.arpa", ip->bytes[3], ip->bytes[2], ip->bytes[1],
                       ip->bytes[0]);
        return;
    }
    for (unsigned i = NIBBLES6; i-- > 0 && length + 3 < room;)
        length += (size_t)snprintf(out + length, room - length, "%x.", nibble(ip, i));
    (void)snprintf(out + length, room - length, "ip6.arpa");
}
