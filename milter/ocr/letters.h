/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_OCR_LETTERS_H
#define KHATM_OCR_LETTERS_H

/* Letters in pictures, as tesseract guesses them. One thread, one state a process. */

#include "base/result.h"
#include "inspector/reader.h"

/* Longest side that is looked at, in pixels: A4 at 300 a inch. */
enum { LETTERS_SIDE_MAX = 3508 };

/* In the template, before the sandbox closes. languages: "fra+ara"; data: the directory of their
 * *.traineddata; both borrowed for the call. Reads a picture of our own. */
enum result letters_prepare(const char *languages, const char *data, struct problem *problem) MUST_USE;
/* Says the text line by line. Stops at the reading's deadline and says what it has till then. */
void letters_recognise(struct reading *reading, const struct grey_picture *picture);

#endif
