/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_HTML_CSS_H
#define KHATM_INSPECTOR_HTML_CSS_H

/* Text in style sheets: strings that "content" shows before and behind elements, those of custom properties,
 * which it may name, and comments. "\A" is a line end (CSS 2.2, 4.1.3). */

#include <stddef.h>

/* css: size bytes. out: as many at least; a line each. Returns how many bytes were written. */
size_t html_css_text(const char *css, size_t size, char *out);

#endif
