/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DAEMON_RELOAD_H
#define KHATM_DAEMON_RELOAD_H

/* How khatmd takes in its files anew: at once when it is told to (SIGUSR1), and, unless `reload = signal`, by
 * itself when they have changed. What is refused is said once in the log, and what was in force stays. The
 * registry and its signature are two files and cannot change in one step: one without the other is refused
 * too, but said only when it stays so. After each attempt `khatm reload` finds in config/status.h what came
 * of it. One thread, but for reload_new. */

#include "base/result.h"

struct daemon;
struct reload;

/* Before the daemon first reads them. config_path: borrowed. RESULT_TRY_LATER: no memory. */
enum result reload_new(const char *config_path, struct reload **reload_out, struct problem *problem) MUST_USE;
/* Says nothing more to `khatm reload`. */
void reload_free(struct reload *reload);

/* The daemon serves with what it read first. */
void reload_begin(struct reload *reload, struct daemon *daemon);
/* Told to. */
void reload_now(struct reload *reload, struct daemon *daemon);
/* Called every second or so, and sooner when it says so: the result is the time to wait, in milliseconds. */
int reload_look(struct reload *reload, struct daemon *daemon);

#endif
