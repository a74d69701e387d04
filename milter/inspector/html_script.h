/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_HTML_SCRIPT_H
#define KHATM_INSPECTOR_HTML_SCRIPT_H

/* Scripts of a page are not run here. In an attached page, which a browser opens, a script may show or save
 * anything ("HTML smuggling"). In the text of a message, where mail programs run none, a small one is left
 * over from wherever the text was copied; one that could build a file, or hold one, waits for whoever saves
 * the message and opens it. */

#include <stdbool.h>
#include <stddef.h>

enum { HTML_SCRIPT_SMALL = 2048 };

/* conversation: the page is the text of a message. NULL: it may be left out. */
const char *html_script_why(const char *script, size_t size, bool conversation);
/* "javascript:alert(1)" */
bool html_script_is_link(const char *value, size_t size);

#endif
