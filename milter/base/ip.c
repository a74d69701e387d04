/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ip.h"

#include <arpa/inet.h>
#include <string.h>

enum { BYTES4 = 4, BYTES6 = 16, TEXT_MAX = 63 };

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool ip_parse(const char *text, struct ip *ip)
{
    memset(ip, 0, sizeof *ip);
    if (inet_pton(AF_INET, text, ip->bytes) == 1)
        return true;
    if (inet_pton(AF_INET6, text, ip->bytes) != 1)
        return false;
    ip->six = memcmp(ip->bytes, mapped, sizeof mapped) != 0;
    if (!ip->six) {
        memmove(ip->bytes, ip->bytes + sizeof mapped, BYTES4);
        memset(ip->bytes + BYTES4, 0, BYTES6 - BYTES4);
    }
    return true;
}

void ip_format(const struct ip *ip, char out[IP_ROOM])
{
    if (!inet_ntop(ip->six ? AF_INET6 : AF_INET, ip->bytes, out, IP_ROOM))
        out[0] = '\0';
}

bool ip_matches(const struct ip *ip, const uint8_t *network, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(ip->bytes, network, whole) != 0)
        return false;
    return !rest || (ip->bytes[whole] ^ network[whole]) >> (8 - rest) == 0;
}

static bool is_in(const struct ip *ip, const struct ip_network *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ip_network_holds(&table[i], ip))
            return true;
    return false;
}

bool ip_is_loopback(const struct ip *ip)
{
    static const struct ip_network loopback[] = {{{false, {127}}, 8}, {{true, {[BYTES6 - 1] = 1}}, 128}};
    return is_in(ip, loopback, sizeof loopback / sizeof *loopback);
}

bool ip_is_private(const struct ip *ip)
{
    static const struct ip_network table[] = {
        {{false, {0}}, 8},          {{false, {10}}, 8},        {{false, {100, 64}}, 10},
        {{false, {127}}, 8},        {{false, {169, 254}}, 16}, {{false, {172, 16}}, 12},
        {{false, {192, 168}}, 16},  {{true, {0}}, 127}, /* unspecified and loopback */
        {{true, {0xfe, 0x80}}, 10}, {{true, {0xfc}}, 7},
    };
    return is_in(ip, table, sizeof table / sizeof *table);
}

bool ip_network_holds(const struct ip_network *network, const struct ip *ip)
{
    return ip->six == network->ip.six && ip_matches(ip, network->ip.bytes, network->bits);
}

/* 0 to 128 in decimal digits, without a sign or a leading zero. */
static bool parse_bits(const char *text, unsigned *bits)
{
    size_t length = strlen(text);
    *bits = 0;
    if (!length || length > 3 || (length > 1 && *text == '0'))
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        *bits = *bits * 10 + (unsigned)(*text - '0');
    }
    return true;
}

static bool has_host_bits(const struct ip_network *network, unsigned most)
{
    for (unsigned i = network->bits; i < most; i++)
        if (network->ip.bytes[i / 8] & 0x80u >> i % 8)
            return true;
    return false;
}

const char *ip_network_parse(const char *text, struct ip_network *network)
{
    static const char no_address[] = "is no IP address or network: write it like 192.0.2.7, 192.0.2.0/24 or "
                                     "2001:db8::/32";
    char address[TEXT_MAX + 1];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : strlen(text);
    if (length > TEXT_MAX)
        return no_address;
    memcpy(address, text, length);
    address[length] = '\0';
    if (!ip_parse(address, &network->ip))
        return no_address;
    unsigned most = network->ip.six ? 128 : 32;
    network->bits = most;
    if (!slash)
        return NULL;
    /* The bits of ::ffff:0:0/96 would have to be counted another way. */
    if (!network->ip.six && strchr(address, ':'))
        return "is IPv4 written as IPv6: write it like 192.0.2.0/24";
    if (!parse_bits(slash + 1, &network->bits) || network->bits > most)
        return network->ip.six ? "has a prefix that is no number from 0 to 128: write it like 2001:db8::/32"
                               : "has a prefix that is no number from 0 to 32: write it like 192.0.2.0/24";
    if (has_host_bits(network, most))
        return "has bits set behind its prefix: write the lowest address of the network, or one address "
               "without a prefix";
    return NULL;
}
