/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_HTML_NAMES_H
#define KHATM_INSPECTOR_HTML_NAMES_H

#include <stdint.h>

enum { HTML_NAME_MAX = 16 };

/* The character that "&name;" stands for; 0: no name known here. */
uint32_t html_named(const char *name);

#endif
