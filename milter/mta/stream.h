/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_MTA_STREAM_H
#define KHATM_MTA_STREAM_H

/* What libmilter calls for its connections instead of accept, poll, read and close of the C library: the
 * Makefile links it with these names (rename_milter). It waits for and reads the length of each command by
 * itself, then what the command carries, and a macro command comes before each header field: 29 commands and
 * 145 system calls for a small message. Here what lies in the socket is read at once and handed out from
 * memory.
 *
 * Results and errno are those of the functions that they stand for; descriptors that stream_accept did not
 * make go straight to these. A connection belongs to one thread at a time, as libmilter sees to. Without
 * memory a connection is slower and no more. */

#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Also closes the connection on exec from its first moment, while helpers are being started. */
int stream_accept(int listener, struct sockaddr *address, socklen_t *length);
/* Readable: there are bytes in memory or in the socket, or it has ended. */
int stream_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
ssize_t stream_read(int fd, void *to, size_t size);
int stream_close(int fd);
/* Has the other side of the connection that this thread read from last hung up? In a callback that is its
 * own: libmilter reads a command and calls back in one thread, and does not tell the descriptor. */
bool stream_ended(void);

#endif
