/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_TEXT_H
#define KHATM_BASE_TEXT_H

/* ASCII text without the locale: mail's protocol words are ASCII whatever the machine speaks. Thread-safe. */

#include <stdbool.h>
#include <stddef.h>

char text_lower(char c);
void text_lower_in_place(char *text);
bool text_equal_nocase(const char *a, const char *b);
bool text_starts_nocase(const char *text, const char *prefix);
/* Copies what is printable ASCII, '?' for anything else; cuts at room - 1. For SMTP replies and terminals. */
void text_printable_ascii(const char *text, char *out, size_t room);
/* A TCP or UDP port in decimal digits, 1 to 65535. */
bool text_is_port(const char *text, size_t size);
/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms) to the last byte. */
bool text_is_utf8(const char *text, size_t size);
/* The first and the last place of a few bytes among many. `rare` says which of the few is the least common:
 * only where that stands is looked closer, which in binary data is ten times faster than memmem(). NULL: not
 * there. */
const char *text_find(const char *bytes, size_t size, const char *few, size_t few_size, size_t rare);
const char *text_find_last(const char *bytes, size_t size, const char *few, size_t few_size, size_t rare);

#endif
