/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_IMAGE_H
#define KHATM_INSPECTOR_IMAGE_H

/* How large a picture is, and that it is nothing but a picture: PNG, JPEG and GIF are walked block by block
 * to their end, without decoding a pixel. What else such a file may hold (comments, profiles, previews) is
 * bounded, the pixels' data may not be larger than the pixels, nothing may follow, and the first bytes of
 * formats that are found anywhere in a file (ZIP, PDF, RAR, 7z) may not occur. It does not see what somebody
 * hides in the pixels. What stands where is told to whoever wants to read it (picture_notes.h). Pure. */

#include <stddef.h>
#include <stdint.h>

enum { IMAGE_ASIDE_MAX = 24 * 1024 }; /* bytes that are not needed to show it */

struct image {
    const char *kind;       /* "image/png" … */
    unsigned width, height; /* pixels */
};

enum image_piece {
    IMAGE_PIXELS, /* compressed, as they stand; tables and palettes */
    IMAGE_ASIDE,  /* whatever is not needed to show it */
    IMAGE_PACKED, /* a part of what was told as IMAGE_ASIDE that zlib unpacks (PNG's zTXt, iTXt, iCCP) */
    IMAGE_BLOCKS, /* beside the pixels of a GIF: pieces of up to 255 bytes, each behind its size */
};

struct image_listener {
    void (*piece)(void *context, enum image_piece piece, const uint8_t *bytes, size_t size);
    void *context;
};

/* NULL: it is one, and *image_out is filled. Otherwise why it is not plainly one: a phrase. */
const char *image_read(const void *bytes, size_t size, struct image *image_out);
/* Of a picture that image_read takes: all that stands in it. */
void image_tell(const void *bytes, size_t size, const struct image_listener *listener);

#endif
