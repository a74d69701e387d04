/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_READERS_H
#define KHATM_READERS_READERS_H

/* Every reader of khatm-reader: a file of its own that defines it, a line here and in readers.c. Where two
 * name one kind, the first in readers_all has it. */

#include "inspector/reader.h"

extern const struct reader *const readers_all[]; /* NULL-terminated */

#endif
