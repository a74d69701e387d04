/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_CHARSET_H
#define KHATM_INSPECTOR_CHARSET_H

/* The charsets that mail uses. The C library loads each converter from a file when it is first asked for,
 * which the sandbox forbids (and kills for), so the template opens them all and keeps them open. This file
 * also stands in front of iconv_open for the whole program: GMime asks for whatever a message names, and what
 * was not loaded must be "unknown" then instead of the end of the process. */

#include "base/result.h"

#include <stdbool.h>

/* In the template, before anything converts. From then on iconv_open knows these charsets only. */
enum result charset_load(struct problem *problem) MUST_USE;
void charset_unload(void);

bool charset_is_known(const char *name);
/* ASCII bytes that stand for something else (UTF-7), or text that is not made of bytes (UTF-16): nobody can
 * look into such text without converting it, and readers differ about doing so. */
bool charset_hides_text(const char *name);
/* One of the names of UTF-8 or US-ASCII, or no name. */
bool charset_is_utf8(const char *name);

#endif
