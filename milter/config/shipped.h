/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_SHIPPED_H
#define KHATM_CONFIG_SHIPPED_H

/* The texts of replies as this version ships them, in the program: an admin's own file that is older than a
 * reason lacks its text, and stops nothing for that. Within config/ only. */

#include "base/arena.h"
#include "base/result.h"

struct notices; /* policy/notices.h */

/* Gives the texts of `path`, read for that language, what they lack. *warning_out: a line for a person that
 * names it, in the arena; NULL: nothing. */
enum result shipped_complete(struct arena *arena, const char *path, const char *language,
                             struct notices *notices, const char **warning_out) MUST_USE;

#endif
