/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_MTA_MTA_H
#define KHATM_MTA_MTA_H

/* The milter protocol, by libmilter; nothing of libmilter is seen outside this folder. libmilter runs a
 * thread a connection and owns SIGHUP, SIGTERM and SIGINT (each stops it); the caller owns SIGUSR1. */

#include "daemon/daemon.h"

/* Can the socket be had? To be asked before anything else is opened: RESULT_TRY_LATER when somebody answers
 * there, or it could not be made; *problem says which. Changes nothing. */
enum result mta_try(const char *name, struct problem *problem) MUST_USE;
/* Binds the socket ("unix:/path", "inet:PORT@ADDRESS", "inet6:PORT@ADDRESS"); a stale unix socket is removed.
 * RESULT_TRY_LATER: it cannot be had. */
enum result mta_open(const char *socket, unsigned socket_mode, struct problem *problem) MUST_USE;
/* Serves until a signal stops it. Connections find the daemon through `daemon`, which must outlive the
 * call. */
enum result mta_serve(struct daemon *daemon, struct problem *problem) MUST_USE;

#endif
