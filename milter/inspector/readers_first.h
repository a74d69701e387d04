/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_READERS_FIRST_H
#define KHATM_INSPECTOR_READERS_FIRST_H

/* What khatm-inspector can read: only what needs no large library. */

#include "inspector/reader.h"

extern const struct reader *const readers_first[]; /* NULL-terminated */

#endif
