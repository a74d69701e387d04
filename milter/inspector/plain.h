/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_PLAIN_H
#define KHATM_INSPECTOR_PLAIN_H

/* Text as it stands: notes, tables, programs. */

#include "inspector/reader.h"

extern const struct reader plain_reader;

#endif
