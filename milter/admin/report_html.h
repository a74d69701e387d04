/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_REPORT_HTML_H
#define KHATM_ADMIN_REPORT_HTML_H

/* Pieces of the report's page. Whatever came from mail, registry or keys goes through printer_html and stands
 * in an element of its own direction, so that it can neither be markup nor turn the text around it. */

#include "admin/report.h"

struct page {
    FILE *out;
    enum language language;
};

/* The word, escaped. */
void html_word(const struct page *page, enum word which);
/* A value within <bdi>, or <code> that reads from left to right. */
void html_value(const struct page *page, const char *text);
void html_code(const struct page *page, const char *text);
/* <time>; seconds since 1970. */
void html_day(const struct page *page, int64_t seconds);
/* A heading with this id, in a section; html_section_end closes that. */
void html_section(const struct page *page, const char *id, enum word heading);
void html_section_end(const struct page *page);
/* A table that scrolls within itself, with the row of its headings, named by the heading of the section with
 * this id; html_table_end closes it. WORD_COUNT: a column without a heading, not for screen readers. */
void html_table(const struct page *page, const char *id, const enum word *heads, size_t n);
void html_table_end(const struct page *page);

/* The section of what ends. */
void report_html_keys(const struct page *page, const struct report_keys *keys);

#endif
