/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_PICTURE_H
#define KHATM_INSPECTOR_PICTURE_H

/* Which pictures are part of conversation: logos, icons and portraits, which cannot hold a page of text that
 * somebody could read. Judged by size, shape and number; docs/policy.md gives the reasons for the numbers.
 * Beyond them every picture is a document, a photograph of a page as well as of a cat. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PICTURE_BYTES_MAX = 100 * 1024,
    PICTURE_AREA_MAX = 180 * 1000, /* pixels: 600 by 300 */
    PICTURE_SIDE_MAX = 1200,
    /* Upright, with the proportions of a page (1.2 to 1.7), and at least so high: a page. */
    PICTURE_PAGE_HEIGHT = 200,
    /* Lying, with the same proportions, and at least so wide: a page on its side, or a slide. */
    PICTURE_SLIDE_WIDTH = 480,
    /* Nothing in the message refers to it. */
    PICTURE_LOOSE_BYTES_MAX = 32 * 1024,
    PICTURE_LOOSE_AREA_MAX = 60 * 1000,
    /* All pictures of a message together: a page cut into strips. */
    PICTURES_MAX = 20,
    PICTURES_AREA_MAX = 360 * 1000,
};

/* What a message has used up. */
struct picture_allowance {
    unsigned n;
    uint64_t area;
};

/* referenced: the text of the message shows it at a place of its own. NULL: conversation. Otherwise why not:
 * a phrase. */
const char *picture_judge(struct picture_allowance *allowance, const void *bytes, size_t size,
                          bool referenced);

#endif
