/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POSTFIX_FILE_H
#define KHATM_POSTFIX_FILE_H

/* A file of the mail system, perhaps one that a user may write: read whole, with a limit, never waiting on
 * what is no file. What belongs to a user is read as that user when we are root, as Postfix does it, so that
 * a link does not show the user what is not the user's. One thread: the process changes its effective user.
 */

#include "base/arena.h"
#include "base/result.h"

#include <stdbool.h>
#include <sys/types.h>

enum { FILE_MAX = 16 * 1024 * 1024 };

struct owner {
    uid_t uid;
    gid_t gid;
};

/* owner: NULL: as we are. The text is NUL-terminated, in the arena; NUL bytes in it become '?'.
 * RESULT_NOT_FOUND: there is none. RESULT_BAD_INPUT: it cannot be read, or is no file: *problem says why,
 * without the path. */
enum result file_read(struct arena *arena, const char *path, const struct owner *owner, const char **text_out,
                      struct problem *problem) MUST_USE;

bool file_is_there(const char *path);

/* From file_as on, files are opened as that user, until file_as_before. False: that could not be done. */
bool file_as(const struct owner *owner) MUST_USE;
void file_as_before(void);

#endif
