/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_SCRATCH_H
#define KHATM_ADMIN_SCRATCH_H

/* A private directory for one run of the command, in memory where there is such a place, since it may hold a
 * message: nothing in clear goes to a disk, and the daemon's own directories are left alone. What is in it
 * must be gone before scratch_remove. One thread. */

#include "config/config.h"

struct scratch {
    char path[40], work[48]; /* work: for khatm-sealer; made by who needs it */
};

/* RESULT_TRY_LATER: there is no room anywhere. */
enum result scratch_make(struct scratch *scratch, struct problem *problem) MUST_USE;
/* Safe on one that is all zeroes. */
void scratch_remove(const struct scratch *scratch);

/* Makes it, and reads the configuration as khatmd would: the registry's signature is verified, and when the
 * file is refused the last good one takes its place. The configuration's directories are the scratch's. */
enum result scratch_load(struct scratch *scratch, const char *path, const struct config **config_out,
                         struct problem *problem) MUST_USE;

#endif
