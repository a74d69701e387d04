/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/letters.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>

/* RESOLUTION: what pictures are taken to have, pixels an inch; it only guides what is too small for a letter.
 */
enum { RESOLUTION = 200, SAMPLE_SIDE = 320 };

static TessBaseAPI *tesseract;

/* tesseract writes what it thinks of a picture to a file that it opens at the first word, by this function of
 * its own, which ours stands in front of: a child opens and writes no file. */
void tesseract_remark(const char *format, ...) __asm__("_ZN9tesseract7tprintfEPKcz");
void tesseract_remark(const char *format, ...)
{
    (void)format;
}

static char *recognise(const struct grey_picture *picture, int64_t deadline_ms)
{
    int64_t left_ms = clock_left_ms(deadline_ms);
    ETEXT_DESC *monitor = TessMonitorCreate();
    char *text = NULL;
    if (!monitor)
        return NULL;
    TessMonitorSetDeadlineMSecs(monitor, left_ms > INT32_MAX ? INT32_MAX : (int)left_ms);
    TessBaseAPISetImage(tesseract, picture->pixels, (int)picture->width, (int)picture->height, 1,
                        (int)picture->stride);
    TessBaseAPISetSourceResolution(tesseract, RESOLUTION);
    (void)TessBaseAPIRecognize(tesseract, monitor);
    text = TessBaseAPIGetUTF8Text(tesseract);
    TessBaseAPIClear(tesseract);
    TessMonitorDelete(monitor);
    return text;
}

void letters_recognise(struct reading *reading, const struct grey_picture *picture)
{
    if (!picture->width || !picture->height || clock_left_ms(reading->budget->deadline_ms) == 0)
        return;
    char *text = recognise(picture, reading->budget->deadline_ms);
    if (text && *text && reading_text(reading, TEXT_BODY, text, strlen(text)))
        (void)reading_text(reading, TEXT_BODY, "\n", 1);
    if (text)
        TessDeleteText(text);
}

/* Strokes in rows, enough of a text that every step of the work is done once. */
static void draw_sample(uint8_t *pixels)
{
    memset(pixels, 255, (size_t)SAMPLE_SIDE * SAMPLE_SIDE);
    for (size_t row = 40; row < SAMPLE_SIDE - 40; row++)
        for (size_t column = 40; column < SAMPLE_SIDE - 40; column++)
            if (row / 24 % 2 && (column % 12 < 3 || (row % 24 < 3 && column % 60 < 40)))
                pixels[row * SAMPLE_SIDE + column] = 0;
}

enum result letters_prepare(const char *languages, const char *data, struct problem *problem)
{
    enum { WARM_UP_MS = 10 * 1000 };
    static uint8_t pixels[SAMPLE_SIDE * SAMPLE_SIDE];
    const struct grey_picture sample = {
        .pixels = pixels, .width = SAMPLE_SIDE, .height = SAMPLE_SIDE, .stride = SAMPLE_SIDE};
    tesseract = TessBaseAPICreate();
    if (!tesseract || TessBaseAPIInit2(tesseract, data, languages, OEM_LSTM_ONLY) != 0)
        return problem_set(problem, RESULT_TRY_LATER, "tesseract: cannot load %s from %s", languages, data);
    TessBaseAPISetPageSegMode(tesseract, PSM_AUTO);
    draw_sample(pixels);
    char *text = recognise(&sample, clock_monotonic_ms() + WARM_UP_MS);
    if (!text)
        return problem_set(problem, RESULT_TRY_LATER, "tesseract: cannot read a picture of our own");
    TessDeleteText(text);
    return RESULT_OK;
}
