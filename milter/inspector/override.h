/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_OVERRIDE_H
#define KHATM_INSPECTOR_OVERRIDE_H

/* What stands behind U+202E (RIGHT-TO-LEFT OVERRIDE) is shown backwards (UAX 9, 3.3.2), up to U+202C or the
 * line's end; but letters that run to the left stand in their order anyway. */

#include <stdbool.h>
#include <stddef.h>

#define OVERRIDE_BEGINS "\xe2\x80\xae"
#define OVERRIDE_ENDS   "\xe2\x80\xac"

/* One line of valid UTF-8, as it is shown. False: as it is written. */
bool override_show(char *line, size_t size);

#endif
