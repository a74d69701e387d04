/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JOURNAL_CANONICAL_H
#define KHATM_JOURNAL_CANONICAL_H

/* Strings of a leaf as RFC 8785 (JCS) writes them, and back. Mail's text need not be UTF-8: a byte that is
 * not part of a well-formed sequence becomes the character U+10FE00 + byte, and so does each byte of a
 * character of that range, so that every C string has exactly one form and every form exactly one C string.
 * Thread-safe. */

#include "base/arena.h"
#include "base/buffer.h"

/* With its quotes; NULL writes null. */
void canonical_string(struct buffer *out, const char *text);
/* The bytes that canonical_string was given, from the UTF-8 text of the JSON string. NULL: no memory. */
char *canonical_bytes(struct arena *arena, const char *utf8) MUST_USE;

#endif
