/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_SOURCE_H
#define KHATM_ADMIN_SOURCE_H

/* Which journal a reading command reads: --journal STORE, else the one that the configuration names.
 * Complaints go to stderr as "ARGV0: …", one line; what is returned is the exit code. */

#include "journal/journal.h"

struct source {
    const char *argv0;
    const char *config;  /* NULL: the usual place */
    const char *journal; /* NULL: as the configuration says */
};

/* EX_OK, EX_CONFIG or EX_IOERR. */
int source_open(const struct source *source, struct journal **journal_out);
/* Prints *problem; the exit code for a journal that failed while it was read. */
int source_failed(const struct source *source, const struct problem *problem);

#endif
