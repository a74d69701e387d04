/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DAEMON_DAEMON_H
#define KHATM_DAEMON_DAEMON_H

/* What lives as long as khatmd: the generation in force, which a reload replaces, and the journal.
 * Thread-safe. */

#include "base/result.h"

#include <stdbool.h>

struct config;
struct daemon;
struct generation;
struct journal;

/* Reads the configuration and starts every stage. path is borrowed. */
enum result daemon_new(const char *config_path, struct daemon **daemon_out, struct problem *problem) MUST_USE;
void daemon_free(struct daemon *daemon);
/* Reads the configuration anew. On failure, or when nothing changed, the one in force stays. */
enum result daemon_reload(struct daemon *daemon, struct problem *problem) MUST_USE;
/* Key caches and the like; called every second or so. Logs what it finds. */
void daemon_housekeeping(struct daemon *daemon);
/* Mode observe: whatever happens, the MTA is told to go on. */
bool daemon_observes(struct daemon *daemon);
/* The configuration in force, with a reference for the caller. */
const struct config *daemon_config(struct daemon *daemon);

/* The generation in force, for a message, with a reference for the caller. */
struct generation *daemon_generation(struct daemon *daemon);
/* Lives as long as the daemon. */
struct journal *daemon_journal(struct daemon *daemon);

#endif
