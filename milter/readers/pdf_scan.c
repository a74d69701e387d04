/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/pdf_parts.h"

#include <cairo.h>
#include <stdlib.h>

/* RESOLUTION: pixels an inch at which a page is drawn; a page has 72 points an inch. SIDE_MAX: pixels.
 * PICTURE_SHARE: of the page's area, a hundredth: smaller ones are emblems. */
enum { RESOLUTION = 200, POINTS = 72, SIDE_MAX = 3508, PICTURE_SHARE = 10, PICTURES_MAX = 40 };

static unsigned pixels_of(double length, double scale)
{
    double pixels = length * scale;
    return pixels < 1 ? 1 : pixels > SIDE_MAX ? SIDE_MAX : (unsigned)pixels;
}

/* What fits a length into SIDE_MAX pixels, no larger than wanted. */
static double scale_of(double width, double height, double wanted)
{
    double longer = width > height ? width : height;
    return longer * wanted > SIDE_MAX ? SIDE_MAX / longer : wanted;
}

static uint8_t grey_of(uint32_t pixel)
{
    uint32_t red = pixel >> 16 & 255, green = pixel >> 8 & 255, blue = pixel & 255;
    return (uint8_t)((red * 77 + green * 151 + blue * 28) >> 8);
}

static void recognise(struct reading *reading, cairo_surface_t *surface)
{
    cairo_surface_flush(surface);
    int width = cairo_image_surface_get_width(surface), height = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    const uint8_t *data = cairo_image_surface_get_data(surface);
    uint8_t *pixels = data && width > 0 && height > 0 ? malloc((size_t)width * (size_t)height) : NULL;
    if (!pixels)
        return;
    for (int row = 0; row < height; row++) {
        const uint32_t *from = (const uint32_t *)(const void *)(data + (ptrdiff_t)row * stride);
        for (int column = 0; column < width; column++)
            pixels[(ptrdiff_t)row * width + column] = grey_of(from[column]);
    }
    const struct grey_picture picture = {
        .pixels = pixels, .width = (unsigned)width, .height = (unsigned)height, .stride = (size_t)width};
    reading->recognise(reading, &picture);
    free(pixels);
}

/* A white sheet to draw on, in units of the source; NULL: it would cost too much. */
static cairo_t *sheet_new(struct reading *reading, double width, double height, double wanted)
{
    double scale = scale_of(width, height, wanted);
    unsigned across = pixels_of(width, scale), down = pixels_of(height, scale);
    if (!budget_bytes(reading->budget, (uint64_t)across * down * sizeof(uint32_t)))
        return NULL;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)across, (int)down);
    cairo_t *sheet = cairo_create(surface);
    cairo_surface_destroy(surface);
    cairo_set_source_rgb(sheet, 1, 1, 1);
    cairo_paint(sheet);
    cairo_scale(sheet, scale, scale);
    return sheet;
}

static void sheet_end(struct reading *reading, cairo_t *sheet)
{
    if (cairo_status(sheet) == CAIRO_STATUS_SUCCESS)
        recognise(reading, cairo_get_target(sheet));
    cairo_destroy(sheet);
}

static void recognise_picture(struct reading *reading, cairo_surface_t *picture)
{
    double width = cairo_image_surface_get_width(picture), height = cairo_image_surface_get_height(picture);
    cairo_t *sheet = width > 0 && height > 0 ? sheet_new(reading, width, height, 1) : NULL;
    if (!sheet)
        return;
    cairo_set_source_surface(sheet, picture, 0, 0);
    cairo_paint(sheet);
    sheet_end(reading, sheet);
}

static bool is_large(const PopplerRectangle *box, double page_area)
{
    return (box->x2 - box->x1) * (box->y2 - box->y1) * 100 > page_area * PICTURE_SHARE;
}

static void recognise_pictures(struct reading *reading, PopplerPage *page, double page_area)
{
    unsigned n = 0;
    GList *all = poppler_page_get_image_mapping(page);
    for (const GList *one = all; one && n < PICTURES_MAX && budget_time(reading->budget); one = one->next) {
        const PopplerImageMapping *mapping = one->data;
        if (!is_large(&mapping->area, page_area))
            continue;
        n++;
        cairo_surface_t *picture = poppler_page_get_image(page, mapping->image_id);
        if (!picture)
            continue;
        if (cairo_surface_get_type(picture) == CAIRO_SURFACE_TYPE_IMAGE)
            recognise_picture(reading, picture);
        cairo_surface_destroy(picture);
    }
    poppler_page_free_image_mapping(all);
}

/* Fonts that a page names and does not bring along would be looked for in files, so only what has no text is
 * drawn. */
void pdf_recognise_page(struct reading *reading, PopplerPage *page, bool drawn)
{
    double width, height;
    poppler_page_get_size(page, &width, &height);
    if (!(width > 0) || !(height > 0))
        return;
    if (!drawn) {
        recognise_pictures(reading, page, width * height);
        return;
    }
    cairo_t *sheet = sheet_new(reading, width, height, (double)RESOLUTION / POINTS);
    if (!sheet)
        return;
    poppler_page_render(page, sheet);
    sheet_end(reading, sheet);
}
