/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_CHARSET_H
#define KHATM_INSPECTOR_CHARSET_H

/* The charsets that mail uses, converted by ICU. The C library would load a module for each from a file when
 * it is first asked, which the sandbox forbids (and kills for), and every module is five more mappings for
 * each child to inherit; ICU's tables are one. The template opens all converters; a child copies what it
 * needs. What is not in the list is unknown to everything linked into the program: GMime and others ask for
 * whatever a message names, and get an error (inspector/iconv.c). */

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

/* In the template, before anything converts. */
enum result charset_load(struct problem *problem) MUST_USE;
void charset_unload(void);

bool charset_is_known(const char *name);
/* ASCII bytes that stand for something else (UTF-7), or text that is not made of bytes (UTF-16): nobody can
 * look into such text without converting it, and readers differ about doing so. */
bool charset_hides_text(const char *name);
/* Known names for what is converted in one way. */
bool charset_is_same(const char *one, const char *other);
/* One of the names of UTF-8 or US-ASCII, or no name. */
bool charset_is_utf8(const char *name);

/* Text of one charset as UTF-8. What it has no character for becomes U+FFFD. */
struct charset_decoder;

/* NULL: not a known charset, or no memory. */
struct charset_decoder *charset_decoder_new(const char *name);
void charset_decoder_free(struct charset_decoder *decoder);
/* The next bytes, which may end within a character unless they are the last. `text` is called with pieces of
 * valid UTF-8 that are only good during the call. */
void charset_decode(struct charset_decoder *decoder, const char *bytes, size_t size, bool last,
                    void (*text)(void *context, const char *utf8, size_t size), void *context);

#endif
