/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_AUTHENTICATOR_ADDRESS_H
#define KHATM_AUTHENTICATOR_ADDRESS_H

/* The client's address as SPF sees it. IPv4 written as IPv6 (::ffff:192.0.2.1) is IPv4 (RFC 7208, 5). Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client_address {
    bool six;
    uint8_t bytes[16]; /* 4 of them when not six */
};

/* "192.0.2.1", "2001:db8::1", "IPv6:2001:db8::1". */
bool address_parse(const char *text, struct client_address *address_out);
/* 127/8, ::1: this very machine. */
bool address_is_loopback(const struct client_address *address);
/* Whether the first `bits` bits are the same. */
bool address_matches(const struct client_address *address, const uint8_t *network, unsigned bits);
/* As text that inet_pton reads; `room` at least 46. */
void address_format(const struct client_address *address, char *out, size_t room);
/* As %{i} of RFC 7208 writes it: nibbles with dots for IPv6; `room` at least 64. */
void address_dotted(const struct client_address *address, char *out, size_t room);
/* The name its PTR records are at; `room` at least 80. */
void address_reverse(const struct client_address *address, char *out, size_t room);

#endif
