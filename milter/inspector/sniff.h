/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_SNIFF_H
#define KHATM_INSPECTOR_SNIFF_H

/* Is it plainly text? Answers without libmagic, which tries hundreds of expressions on every text (1.2 ms)
 * and which khatm-inspector does not even map. Only what nothing else can be: UTF-8 without control
 * characters that does not start like markup, an encoded block, or any format known by its first bytes. Pure.
 */

#include <stddef.h>

/* bytes: the first of it, `size` of them. "text/plain", "text/vcard", "text/calendar", "message/rfc822",
 * "application/x-empty"; NULL: something else, or not plain. */
const char *sniff_text(const char *bytes, size_t size);

#endif
