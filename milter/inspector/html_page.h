/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_HTML_PAGE_H
#define KHATM_INSPECTOR_HTML_PAGE_H

/* The text of HTML as people see it: blocks, lines and cells apart, runs of blanks as one, references
 * resolved. What is hidden (by a style or attribute of the element itself; in comments, which some programs
 * show under conditions; in frames) is TEXT_HIDDEN, alternative texts are TEXT_SHAPE. Style sheets are only
 * searched for files. No tree is built: a missing or misplaced end tag costs at most a wrong place. */

#include "inspector/reader.h"

/* utf8: valid. hidden: all of it. */
void html_page_read(struct reading *reading, const char *utf8, size_t size, bool hidden);
/* Of XML that browsers show as pages (SVG, XHTML), whose text somebody else reads: files in links, and
 * scripts. */
void html_page_files(struct reading *reading, const char *utf8, size_t size);

#endif
