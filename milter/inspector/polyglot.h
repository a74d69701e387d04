/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_POLYGLOT_H
#define KHATM_INSPECTOR_POLYGLOT_H

/* Is a file two files at once? ZIP is found from its end, RAR and 7z anywhere (they are what self-extracting
 * archives carry), PDF within its first kilobyte: a program that is told to open the file as one of these
 * does so, whatever else it is. Archives are not asked, whose readers account for every byte. Pure. */

#include <stdbool.h>
#include <stddef.h>

/* kind: what it is taken for. NULL: nothing of that kind. Otherwise a phrase. */
const char *polyglot_why(const char *kind, const char *bytes, size_t size);
/* Anywhere in what is small and should hold none, a picture or a signature. */
bool polyglot_holds_file(const void *bytes, size_t size);

#endif
