/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_FOLD_H
#define KHATM_POLICY_FOLD_H

/* One character at a time, the form in which text is compared (docs/policy.md, "Text"): Unicode compatibility
 * decomposition, upper case, no combining marks, tatweel, zero-width or direction controls; alif, ya, kaf and
 * ta marbuta forms as one; all decimal digits, dashes, quotes and blanks as the ASCII ones. Since marks are
 * dropped, nothing depends on a character's neighbours, so the whole of it is a table. It is made by ICU
 * (fold_make.c) once, as one block of bytes without pointers, which is handed to sandboxed programs that do
 * not know ICU; looking up needs the bytes only. Immutable; thread-safe. */

#include "policy/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FOLD_BLOCK = 128, FOLD_BLOCKS = 0x110000 / FOLD_BLOCK, FOLD_LONGEST = 18 /* of U+FDFA */ };

enum fold_class { FOLD_OTHER, FOLD_UPPER, FOLD_LOWER, FOLD_LETTER /* without case; digits too */ };

struct fold; /* fold_size bytes, aligned as uint32_t */

/* malloc'ed; *size_out bytes. POLICY_NO_MEMORY: ICU has no memory or no data. */
enum policy_status fold_make(struct fold **fold_out, size_t *size_out) POLICY_MUST_USE;
void fold_free(struct fold *fold);
/* Bytes that came from elsewhere are such a block, to the last index. */
bool fold_is_good(const void *bytes, size_t size);

/* What a character becomes: *out borrows from the table or from `one`. Returns how many; 0: it is dropped. */
size_t fold_character(const struct fold *fold, uint32_t code, uint32_t one[1], const uint32_t **out);
/* Of the character as written, before folding. */
enum fold_class fold_class(const struct fold *fold, uint32_t code);
/* The Latin capital that a character of another script, once folded, looks like (Unicode TR 39); 0: none. */
char fold_latin(const struct fold *fold, uint32_t code);

/* Reads and writes UTF-8. The character at *at, which moves behind it; what is no UTF-8 is U+FFFD, a byte at
 * a time. */
uint32_t fold_next(const char *text, size_t size, size_t *at);
/* Returns how many of 4 bytes were written. */
size_t fold_put(uint32_t code, char out[4]);

/* In folded text: neighbouring alifs and lams stand with the alifs first. Programs that take text out of PDF
 * give the two letters of a lam-alif ligature in either order, and nothing tells in which. */
void fold_order(char *text, size_t size);

/* Only the letters and digits of a text, folded and ordered: what two spellings of one marking have in common
 * whatever stands around and between the letters. NUL-terminated; returns its size without the NUL, 0 when it
 * does not fit. */
size_t fold_key(const struct fold *fold, const char *text, size_t size, char *out, size_t room);

#endif
