/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_IMAGE_H
#define KHATM_INSPECTOR_IMAGE_H

/* How large a picture is, and that it is nothing but a picture: PNG, JPEG and GIF are walked block by block
 * to their end, without decoding a pixel. What else such a file may hold (comments, profiles, previews) is
 * bounded, the pixels' data may not be larger than the pixels, nothing may follow, and the first bytes of
 * formats that are found anywhere in a file (ZIP, PDF, RAR, 7z) may not occur. It does not see what somebody
 * hides in the pixels. Pure. */

#include <stddef.h>

enum { IMAGE_ASIDE_MAX = 24 * 1024 }; /* bytes that are not needed to show it */

struct image {
    const char *kind;       /* "image/png" … */
    unsigned width, height; /* pixels */
};

/* NULL: it is one, and *image_out is filled. Otherwise why it is not plainly one: a phrase. */
const char *image_read(const void *bytes, size_t size, struct image *image_out);

#endif
