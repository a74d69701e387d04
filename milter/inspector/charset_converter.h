/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_CHARSET_CONVERTER_H
#define KHATM_INSPECTOR_CHARSET_CONVERTER_H

/* ICU's converter of a known charset. Private to charset.c and iconv.c. */

#include <stddef.h>
#include <unicode/ucnv.h>

/* A copy of the one that the template opened, in its initial state; for ucnv_close. NULL: not known, or no
 * memory. */
UConverter *charset_converter(const char *name, size_t name_size);
/* The same, and UTF-16, which libraries convert to and from between themselves. */
UConverter *charset_converter_for_libraries(const char *name, size_t name_size);

#endif
