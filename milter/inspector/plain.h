/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_PLAIN_H
#define KHATM_INSPECTOR_PLAIN_H

/* Text as it stands: the text of messages, notes, tables, programs. In the charset that the message says;
 * where it says none, or UTF-8 that is none, in what the bytes look like: UTF-8, Windows-1256 where most high
 * bytes stand side by side, as in Arabic words, and Windows-1252 where they stand between ASCII letters, as
 * in French ones. */

#include "inspector/reader.h"

extern const struct reader plain_reader;

/* Few control characters. */
bool plain_is_text(const char *bytes, size_t size);

#endif
