/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_HTML_H
#define KHATM_INSPECTOR_HTML_H

/* HTML of message bodies and of attachments: what people see of it (inspector/html_page.h), in the charset
 * that mail programs take: a byte order mark, what the message says, what the page says itself, UTF-8 when it
 * is that, Windows 1252. Where message and page say different ones, the text of both readings is told. Files
 * in "data:" links are handed on. In an attachment a script makes it unread, since a browser shows what the
 * script writes; mail programs run none. */

#include "inspector/reader.h"

extern const struct reader html_reader;

#endif
