/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/picture.h"

#include "inspector/image.h"

/* Between 1.2 and 1.7: A4 and its kin 1.41, letter 1.29, legal 1.65. */
static bool is_page(uint64_t longer, uint64_t shorter)
{
    return longer * 10 >= shorter * 12 && longer * 10 <= shorter * 17;
}

const char *picture_judge(struct picture_allowance *allowance, const void *bytes, size_t size,
                          bool referenced)
{
    struct image image;
    if (size > (referenced ? PICTURE_BYTES_MAX : PICTURE_LOOSE_BYTES_MAX))
        return "picture too large for a logo";
    const char *why = image_read(bytes, size, &image);
    if (why)
        return why;
    uint64_t width = image.width, height = image.height, area = width * height;
    if (width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX ||
        area > (referenced ? PICTURE_AREA_MAX : PICTURE_LOOSE_AREA_MAX))
        return "picture too large for a logo";
    if ((height >= PICTURE_PAGE_HEIGHT && is_page(height, width)) ||
        (width >= PICTURE_SLIDE_WIDTH && is_page(width, height)))
        return "picture with the proportions of a page";
    if (allowance->n == PICTURES_MAX || allowance->area + area > PICTURES_AREA_MAX)
        return "too many pictures for logos";
    allowance->n++;
    allowance->area += area;
    return NULL;
}
