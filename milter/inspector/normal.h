/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_NORMAL_H
#define KHATM_INSPECTOR_NORMAL_H

/* One line of text as it is compared: each character as policy/fold.h says (decomposed, upper case, without
 * marks, tatweel and invisible controls; alif, ya, kaf and ta marbuta forms as one; western digits); runs of
 * blanks as one blank; three and more single letters parted by single blanks joined ("S E C R E T"); blanks
 * and punctuation at both ends taken off. Plain ASCII, which most mail is, takes a short way. */

#include "policy/fold.h"

#include <stddef.h>

/* Room that `size` bytes need: hardly anything becomes longer (U+FDFA does, elevenfold); what is longer is
 * cut. */
enum { NORMAL_ROOM_FACTOR = 4 };

/* In the template; the table outlives the process's children. Before it only ASCII is known, and every other
 * character stays as it is. */
void normal_prepare(const struct fold *fold);
/* The table; NULL before. */
const struct fold *normal_fold(void);
/* line: valid UTF-8. out: room bytes, NUL-terminated. Returns the size without the NUL. */
size_t normal_line(const char *line, size_t size, char *out, size_t room);
/* A letter or a digit of what normal_line wrote. */
bool normal_is_word(uint32_t code);

#endif
