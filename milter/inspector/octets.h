/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_OCTETS_H
#define KHATM_INSPECTOR_OCTETS_H

/* What kinds of octets stand in text, eight at a time. */

#include <stdbool.h>
#include <stddef.h>

struct octets {
    size_t visible;  /* above the blank of ASCII */
    size_t controls; /* below it, but for what belongs to text: tab, LF, FF, CR, ESC (ISO 2022) */
    bool eight_bit;
};

struct octets octets_count(const char *bytes, size_t size);
/* How many at the start are ASCII's from the blank to the tilde, and of those how many are blanks. */
size_t octets_plain(const char *bytes, size_t size, size_t *blanks_out);
/* Characters of UTF-8, by the octets that begin one; where there are more than `most`, some number above it.
 */
size_t octets_characters(const char *bytes, size_t size, size_t most);

#endif
