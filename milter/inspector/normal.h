/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_NORMAL_H
#define KHATM_INSPECTOR_NORMAL_H

/* One line of text as it is compared: NFKC; without bidi and zero-width controls, soft hyphens, tatweel and
 * combining marks; alif, ya and ta marbuta forms as one; Arabic-Indic digits as western; upper case; runs of
 * blanks as one blank; single letters parted by single blanks joined ("S E C R E T"); blanks and punctuation
 * at both ends taken off. Plain ASCII, which most mail is, takes a short way. */

#include "base/result.h"

#include <stddef.h>

/* Room that `size` bytes need: NFKC makes at most so much of it (U+FDFA), longer results are cut. */
enum { NORMAL_ROOM_FACTOR = 4 };

enum result normal_prepare(struct problem *problem) MUST_USE;
/* line: valid UTF-8. out: room bytes, NUL-terminated. Returns the size without the NUL. */
size_t normal_line(const char *line, size_t size, char *out, size_t room);

#endif
