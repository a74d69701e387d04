/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_SOURCE_H
#define KHATM_CONFIG_SOURCE_H

/* One file of the administrator's, read whole into memory with a limit. Refuses what cannot be such a file
 * (folders, devices, NUL bytes, too big) with a line that names it. What is in force goes into the digest
 * that identifies the policy of a decision. One thread. */

#include "base/arena.h"
#include "base/digest.h"
#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

enum { SOURCE_SMALL = 1024 * 1024, SOURCE_LARGE = 16 * 1024 * 1024 };

struct source {
    const char *path; /* as it is shown */
    const char *text; /* NUL-terminated, in the arena */
    size_t size;
};

/* A place in a file for a message: "PATH:LINE", or "PATH" when line is 0. */
enum result source_problem(struct problem *problem, const char *path, unsigned line, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Files that everybody may write are refused; `guarded` ones also when their group may: who writes the
 * registry decides who is government. digest: NULL: added to none. RESULT_NOT_FOUND: there is no such file
 * (*problem is filled too). */
enum result source_read(struct arena *arena, const char *path, size_t limit, bool guarded,
                        struct digest *digest, struct source *source_out, struct problem *problem) MUST_USE;
/* The same for bytes that are no text: signatures and keys. */
enum result source_read_bytes(struct arena *arena, const char *path, size_t limit, bool guarded,
                              struct source *source_out, struct problem *problem) MUST_USE;
/* The size goes in too, so that bytes cannot wander from one file to the next unseen. */
void source_add_to_digest(struct digest *digest, const struct source *source);

/* `name` in the folder of the file `base` unless it is absolute. NULL: no memory. */
const char *source_beside(struct arena *arena, const char *base, const char *name) MUST_USE;

#endif
