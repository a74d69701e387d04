/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_SOCKET_H
#define KHATM_CONFIG_SOCKET_H

/* The setting `socket` as the kernel takes it. Pure, thread-safe. */

#include <stdbool.h>
#include <sys/socket.h>

/* "unix:/path", "inet:PORT@ADDRESS", "inet6:PORT@ADDRESS". False: it is none of these, or too long. */
bool socket_address(const char *socket, struct sockaddr_storage *address_out, socklen_t *size_out);

#endif
