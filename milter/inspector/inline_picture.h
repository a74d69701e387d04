/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_INLINE_PICTURE_H
#define KHATM_INSPECTOR_INLINE_PICTURE_H

/* Pictures that HTML carries within itself, as "data:image/png;base64,…" (RFC 2397): some programs put the
 * logo of a signature there. Those that are small enough for conversation are blanked out, so that a raw scan
 * of the rest can tell whether anything else is hidden in it. Only the plain form counts: what is written
 * with entities, escapes or line ends in it stays. */

#include "inspector/picture.h"

/* each: is shown every one, decoded, before it is blanked out. Returns how many were. */
unsigned inline_pictures_blank(char *html, size_t size, struct picture_allowance *allowance,
                               void (*each)(void *context, const void *bytes, size_t size), void *context);

#endif
