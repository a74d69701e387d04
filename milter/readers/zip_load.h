/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_ZIP_LOAD_H
#define KHATM_READERS_ZIP_LOAD_H

/* One entry of a ZIP into memory, by what the central directory says of it and within the budget. */

#include "base/buffer.h"
#include "inspector/reader.h"
#include "readers/zip.h"

/* Replaces what the buffer holds. NULL: whole; else the reason why it is not, and the buffer has what came
 * before. A buffer of its own is made with zip_load_buffer. */
const char *zip_load(struct reading *reading, const struct zip *zip, const struct zip_entry *entry,
                     struct buffer *buffer);
void zip_load_buffer(struct buffer *buffer);
/* What zip_read's result says of the entry; NULL: whole. */
const char *zip_load_why(enum result result, const struct zip_entry *entry, const struct budget *budget);
/* The entry's name as text; cut to the room. */
void zip_load_name(const struct zip_entry *entry, char *name, size_t room);

#endif
