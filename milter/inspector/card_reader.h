/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_CARD_READER_H
#define KHATM_INSPECTOR_CARD_READER_H

/* Business cards and calendars: their text as people see it, and whatever files are in them, pictures, ATTACH
 * and any other value in base64, as embedded files. What is no property ends the reading. */

#include "inspector/reader.h"

extern const struct reader card_reader;

#endif
