/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_HTML_DATA_H
#define KHATM_INSPECTOR_HTML_DATA_H

/* Files that HTML and style sheets carry in "data:" links (RFC 2397), wherever one stands in a text. */

#include "inspector/reader.h"

/* Hands each on as an embedded file. text: with its references resolved. False: stop. */
bool html_data_read(struct reading *reading, const char *text, size_t size);

#endif
