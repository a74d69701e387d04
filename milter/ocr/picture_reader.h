/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_OCR_PICTURE_READER_H
#define KHATM_OCR_PICTURE_READER_H

/* Pictures by themselves, through leptonica: a photograph or a fax, each of its pages. */

#include "inspector/reader.h"

extern const struct reader picture_reader;

#endif
