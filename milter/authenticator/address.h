/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_AUTHENTICATOR_ADDRESS_H
#define KHATM_AUTHENTICATOR_ADDRESS_H

/* The client's address as SPF writes it. IPv4 written as IPv6 (::ffff:192.0.2.1) is IPv4 (RFC 7208, 5). Pure.
 */

#include "base/ip.h"

/* "192.0.2.1", "2001:db8::1", "IPv6:2001:db8::1". */
bool address_parse(const char *text, struct ip *ip_out);
/* As %{i} of RFC 7208 writes it: nibbles with dots for IPv6; `room` at least 64. */
void address_dotted(const struct ip *ip, char *out, size_t room);
/* The name its PTR records are at; `room` at least 80. */
void address_reverse(const struct ip *ip, char *out, size_t room);

#endif
