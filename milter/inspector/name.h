/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_NAME_H
#define KHATM_INSPECTOR_NAME_H

/* File names as people may safely see them: valid UTF-8, without control characters, path separators and the
 * characters that turn the direction of writing (U+202E and its kin make "fdp.exe" out of "exe.pdf"); cut at
 * NAME_ROOM - 1 bytes between characters. */

#include <stdbool.h>
#include <stddef.h>

enum { NAME_ROOM = 256 };

/* text: any bytes; NULL gives "". */
void name_clean(const char *text, char out[NAME_ROOM]);
/* Both end in the same extension, compared without case. */
bool name_same_extension(const char *a, const char *b);

#endif
