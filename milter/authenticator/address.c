/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/address.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { BYTES4 = 4, BYTES6 = 16, NIBBLES6 = 32 };

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool address_parse(const char *text, struct client_address *address)
{
    memset(address, 0, sizeof *address);
    if (text_starts_nocase(text, "IPv6:"))
        text += strlen("IPv6:");
    if (inet_pton(AF_INET, text, address->bytes) == 1)
        return true;
    if (inet_pton(AF_INET6, text, address->bytes) != 1)
        return false;
    address->six = memcmp(address->bytes, mapped, sizeof mapped) != 0;
    if (!address->six) {
        memmove(address->bytes, address->bytes + sizeof mapped, BYTES4);
        memset(address->bytes + BYTES4, 0, BYTES6 - BYTES4);
    }
    return true;
}

bool address_is_loopback(const struct client_address *address)
{
    static const uint8_t one[BYTES6] = {[BYTES6 - 1] = 1};
    return address->six ? memcmp(address->bytes, one, BYTES6) == 0 : address->bytes[0] == 127;
}

bool address_matches(const struct client_address *address, const uint8_t *network, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(address->bytes, network, whole) != 0)
        return false;
    return !rest || (address->bytes[whole] ^ network[whole]) >> (8 - rest) == 0;
}

void address_format(const struct client_address *address, char *out, size_t room)
{
    if (!inet_ntop(address->six ? AF_INET6 : AF_INET, address->bytes, out, (socklen_t)room))
        out[0] = '\0';
}

static unsigned nibble(const struct client_address *address, unsigned i)
{
    return i % 2 ? address->bytes[i / 2] & 15U : address->bytes[i / 2] >> 4;
}

void address_dotted(const struct client_address *address, char *out, size_t room)
{
    size_t length = 0;
    if (!address->six) {
        address_format(address, out, room);
        return;
    }
    for (unsigned i = 0; i < NIBBLES6 && length + 3 < room; i++)
        length += (size_t)snprintf(out + length, room - length, i ? ".%x" : "%x", nibble(address, i));
}

void address_reverse(const struct client_address *address, char *out, size_t room)
{
    size_t length = 0;
    if (!address->six) {
        (void)snprintf(out, room, "%u.%u.%u.%u.in-addr.arpa", address->bytes[3], address->bytes[2],
                       address->bytes[1], address->bytes[0]);
        return;
    }
    for (unsigned i = NIBBLES6; i-- > 0 && length + 3 < room;)
        length += (size_t)snprintf(out + length, room - length, "%x.", nibble(address, i));
    (void)snprintf(out + length, room - length, "ip6.arpa");
}
