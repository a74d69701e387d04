/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_NOTES_H
#define KHATM_INSPECTOR_NOTES_H

/* Text in what passes as conversation and shows none: comments, descriptions, Exif, XMP and IPTC in a small
 * picture, names and statements in the certificates of a signature. File managers and viewers show it, so it
 * is read as the text of the message is. No format of metadata is parsed: runs of text are taken, in UTF-8,
 * Latin 1 (between ASCII letters) and UTF-16, out of whatever stands beside the pixels, PNG's packed chunks
 * and ImageMagick's hexadecimal ones unpacked; where most of it is no text, and among the pixels, only what
 * is plainly words. A run of fewer than NOTES_RUN_LEAST characters is taken for chance. It does not see text
 * in other codes. Pure but for memory. */

#include "base/buffer.h"

#include <stdint.h>

enum {
    NOTES_RUN_LEAST = 12,
    NOTES_LEAST = 64,                /* fewer bytes of it are not worth reading */
    NOTES_UNPACKED_MAX = 256 * 1024, /* of all that is packed in one picture */
    NOTES_MAX = 1024 * 1024,
};

/* To `text`: UTF-8, each run on lines of its own. Of a picture that image_read takes. NULL, or why it is no
 * plain picture: a phrase. */
const char *notes_of_picture(const void *bytes, size_t size, struct buffer *text);
void notes_of_bytes(const void *bytes, size_t size, struct buffer *text);
/* The same to `text`, of XMP among them only what elements and attributes say; what is a number or an
 * identifier there is left out. */
void notes_without_markup(const char *notes, size_t size, struct buffer *text);

#endif
