/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DNS_PROBE_H
#define KHATM_DNS_PROBE_H

/* "Is anybody there?": one plain question for the root's name servers to each DNS server over UDP. Any
 * datagram that comes back, an error too, says yes; what it says is not looked at. Used by `resolver` when an
 * answer is overdue, because libunbound does not tell a dead server from a slow zone. Sockets are connected,
 * so that nobody else's datagram counts and a closed port is known at once. One thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { PROBE_SERVERS_MAX = 8 };

struct probe_server {
    struct sockaddr_storage address;
    socklen_t size;
};

/* True when a server answered within wait_ms. */
bool probe_servers(const struct probe_server *servers, size_t n_servers, int64_t wait_ms);

/* "192.0.2.1", "192.0.2.1@5353", "2001:db8::1@53". False: no address. */
bool probe_parse(const char *text, struct probe_server *server_out);

#endif
