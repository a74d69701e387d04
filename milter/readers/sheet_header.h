/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_SHEET_HEADER_H
#define KHATM_READERS_SHEET_HEADER_H

/* Page headers and footers of spreadsheets, old and new: words stand between codes, &L, &C and &R for the
 * three parts, fonts, sizes, fields (ISO 29500-1, 18.3.1.39). */

#include "inspector/reader.h"

void sheet_header_show(struct reading *reading, enum text_place place, const char *utf8);

#endif
