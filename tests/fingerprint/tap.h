/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FINGERPRINT_TAP_H
#define TESTS_FINGERPRINT_TAP_H

/* The word hashes of a text, read by the inspector's own sink, normalisation and word cutter: every method is
 * measured on what it would really get. */

#include <stddef.h>
#include <stdint.h>

enum { TAP_WORDS_MAX = 20000 };

struct tapped {
    size_t n;
    uint64_t hashes[TAP_WORDS_MAX];
};

void tap_prepare(void);
void tap_read(const char *text, size_t size, struct tapped *tapped);

#endif
