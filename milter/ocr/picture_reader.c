/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/picture_reader.h"

#include "ocr/letters.h"

#include <leptonica/allheaders.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* PIXEL_BYTES: what leptonica keeps of one pixel of colour. */
enum { PAGES_MAX = 50, PIXEL_BYTES = 4 };

static const char *const kinds[] = {"image/png", "image/jpeg",     "image/tiff", "image/gif",
                                    "image/bmp", "image/x-ms-bmp", "image/webp", NULL};

static void say_nothing(const char *text)
{
    (void)text;
}

static ssize_t swallow(void *cookie, const char *bytes, size_t size)
{
    (void)cookie;
    (void)bytes;
    return (ssize_t)size;
}

/* libpng, libjpeg and libtiff tell stderr what they think of a picture, below leptonica, and a child that
 * writes to it ends. Our own lines do not go through it. */
static enum result prepare(struct problem *problem)
{
    FILE *nowhere = fopencookie(NULL, "w", (cookie_io_functions_t){.write = swallow});
    if (!nowhere)
        return problem_set(problem, RESULT_TRY_LATER, "pictures: no memory");
    (void)setvbuf(nowhere, NULL, _IONBF, 0);
    stderr = nowhere;
    leptSetStderrHandler(say_nothing);
    (void)setMsgSeverity(L_SEVERITY_NONE);
    return RESULT_OK;
}

/* Eight bits of grey, no side longer than LETTERS_SIDE_MAX. NULL: it cannot be made. */
static PIX *as_grey(PIX *pix)
{
    int side = (int)(pixGetWidth(pix) > pixGetHeight(pix) ? pixGetWidth(pix) : pixGetHeight(pix));
    PIX *grey = pixConvertTo8(pix, 0);
    if (!grey || side <= LETTERS_SIDE_MAX)
        return grey;
    float scale = (float)LETTERS_SIDE_MAX / (float)side;
    PIX *smaller = pixScale(grey, scale, scale);
    pixDestroy(&grey);
    return smaller;
}

static void recognise(struct reading *reading, PIX *pix)
{
    PIX *grey = as_grey(pix);
    unsigned width = grey ? (unsigned)pixGetWidth(grey) : 0, height = grey ? (unsigned)pixGetHeight(grey) : 0;
    uint8_t *pixels = width && height ? malloc((size_t)width * height) : NULL;
    if (pixels) {
        const l_uint32 *data = pixGetData(grey);
        size_t words = (size_t)pixGetWpl(grey);
        /* leptonica keeps four pixels a word, the first in its highest octet. */
        for (size_t row = 0; row < height; row++)
            for (size_t column = 0; column < width; column++)
                pixels[row * width + column] =
                    (uint8_t)(data[row * words + column / 4] >> (24 - 8 * (column % 4)));
        const struct grey_picture picture = {
            .pixels = pixels, .width = width, .height = height, .stride = width};
        reading->recognise(reading, &picture);
        (void)reading_text(reading, TEXT_BODY, "\f", 1);
    }
    free(pixels);
    pixDestroy(&grey);
}

/* What a header claims costs before a pixel is there. */
static bool is_affordable(struct reading *reading, int width, int height)
{
    return width > 0 && height > 0 &&
           budget_bytes(reading->budget, (uint64_t)width * (uint64_t)height * PIXEL_BYTES);
}

static void read_pages(struct reading *reading)
{
    size_t offset = 0;
    for (int n = 0; n < PAGES_MAX && budget_time(reading->budget); n++) {
        int width = 0, height = 0;
        if (readHeaderMemTiff((const l_uint8 *)reading->bytes, reading->size, n, &width, &height, NULL, NULL,
                              NULL, NULL, NULL) != 0 ||
            !is_affordable(reading, width, height))
            return;
        PIX *pix = pixReadMemFromMultipageTiff((const l_uint8 *)reading->bytes, reading->size, &offset);
        if (!pix)
            return;
        recognise(reading, pix);
        pixDestroy(&pix);
        if (!offset)
            return;
    }
}

static void read_one(struct reading *reading)
{
    int format = 0, width = 0, height = 0;
    const l_uint8 *bytes = (const l_uint8 *)reading->bytes;
    if (pixReadHeaderMem(bytes, reading->size, &format, &width, &height, NULL, NULL, NULL) != 0 ||
        !is_affordable(reading, width, height))
        return;
    PIX *pix = pixReadMem(bytes, reading->size);
    if (pix)
        recognise(reading, pix);
    pixDestroy(&pix);
}

static void read_picture(struct reading *reading)
{
    reading_raise(reading, PART_UNREAD, "a picture");
    if (!strcmp(reading->kind, "image/tiff"))
        read_pages(reading);
    else
        read_one(reading);
}

const struct reader picture_reader = {
    .name = "picture", .kinds = kinds, .prepare = prepare, .read = read_picture};
