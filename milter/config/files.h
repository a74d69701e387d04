/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_FILES_H
#define KHATM_CONFIG_FILES_H

/* Which files make the configuration: what to look at to know whether it changed. Named by khatm.conf, there
 * or not. One thread. */

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum { FILES_MAX = 48 };

struct files {
    const char *paths[FILES_MAX]; /* khatm.conf first */
    size_t n;
    size_t registry, signature; /* which of them these are; FILES_MAX: not among them */
};

/* khatm.conf alone when it cannot be understood, since nobody knows then what else there is.
 * RESULT_TRY_LATER: no memory. */
enum result files_list(const char *path, struct arena *arena, struct files *files_out) MUST_USE;

#endif
