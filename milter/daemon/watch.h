/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DAEMON_WATCH_H
#define KHATM_DAEMON_WATCH_H

/* Have the files of the configuration changed, and are they quiet again? By stat(2), asked once a second or
 * so: that sees editors which write beside and rename, links that are pointed elsewhere, and network file
 * systems, for which inotify(7) is blind or deaf. A file that is half written is still changing; one that is
 * gone may come back in a moment and is waited for a little longer. What changes within a second after a
 * read is seen all the same, since only what had been quiet for a second was read. One thread. */

#include "base/result.h"

#include <stdbool.h>
#include <stdint.h>

enum { WATCH_QUIET_MS = 1000, WATCH_GONE_MS = 5000 };

enum watch_sight {
    WATCH_SAME,      /* as they were when they were read */
    WATCH_UNSETTLED, /* they change: ask again soon */
    WATCH_CHANGED,   /* they changed and are quiet: now is the time to read them */
};

struct watch;

/* path: borrowed. NULL: no memory. */
struct watch *watch_new(const char *config_path);
void watch_free(struct watch *watch);

/* They are about to be read: what is there now counts as seen. Before each read, for whatever reason.
 * RESULT_TRY_LATER: no memory; what was known stays. */
enum result watch_note(struct watch *watch) MUST_USE;
/* What was noted last was good. */
void watch_accept(struct watch *watch);
enum watch_sight watch_look(struct watch *watch, int64_t now_ms);

/* Of registry and signature one alone differs from the good ones: the other is probably on its way. */
bool watch_pair_is_half(const struct watch *watch);

#endif
