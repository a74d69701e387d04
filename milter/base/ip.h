/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_IP_H
#define KHATM_BASE_IP_H

/* IP addresses and networks as bytes, so that two ways to write one are the same. IPv4 written as IPv6
 * (::ffff:192.0.2.1) is IPv4. Pure, thread-safe. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip {
    bool six;
    uint8_t bytes[16]; /* 4 of them when not six */
};

struct ip_network {
    struct ip ip; /* its lowest address */
    unsigned bits;
};

enum { IP_ROOM = 46 };

/* "192.0.2.1", "2001:db8::1"; no brackets, no zone. */
bool ip_parse(const char *text, struct ip *ip_out);
void ip_format(const struct ip *ip, char out[IP_ROOM]);
/* Whether the first `bits` bits are those of `network`. */
bool ip_matches(const struct ip *ip, const uint8_t *network, unsigned bits);
/* 127/8, ::1: this very machine. */
bool ip_is_loopback(const struct ip *ip);
/* What is not routed on the Internet: loopback, unspecified, private (RFC 1918, RFC 6598, RFC 4193) and
 * link-local. */
bool ip_is_private(const struct ip *ip);

/* NULL: done. Else what is wrong, and what to do, for a person. */
const char *ip_network_parse(const char *text, struct ip_network *network_out);
bool ip_network_holds(const struct ip_network *network, const struct ip *ip);

#endif
