/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POSTFIX_TABLE_TEXT_H
#define KHATM_POSTFIX_TABLE_TEXT_H

/* Tables written as text: aliases(5), `key value` (postmap(1)), and patterns (regexp_table(5),
 * pcre_table(5)). Lines that Postfix would warn of and leave out are left out. */

#include "postfix/tables.h"

enum table_syntax { TABLE_ALIASES, TABLE_PAIRS, TABLE_PATTERNS };

/* Each entry to the request's reader; its value keeps the line ends it is written over. */
void table_text_read(const struct table_request *request, const char *table, const char *path,
                     const char *text, enum table_syntax syntax);

#endif
