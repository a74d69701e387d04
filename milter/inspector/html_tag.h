/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_HTML_TAG_H
#define KHATM_INSPECTOR_HTML_TAG_H

/* One tag of HTML as browsers cut it (WHATWG HTML, 13.2.5), and character references. Nothing is allocated
 * or copied but names in lower case; values are as they stand, references and all. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTML_NAME_ROOM = 24, HTML_ATTRIBUTES_MAX = 64, HTML_REFERENCE_ROOM = 5 };

struct html_attribute {
    char name[HTML_NAME_ROOM]; /* lower case, cut */
    const char *value;
    size_t size;
};

struct html_tag {
    char name[HTML_NAME_ROOM]; /* lower case, cut */
    size_t n_attributes;       /* past HTML_ATTRIBUTES_MAX they are skipped; the first of a name counts */
    struct html_attribute attributes[HTML_ATTRIBUTES_MAX];
};

/* at: behind "<" or "</". Returns where the tag ends, behind its ">"; `end` when it never does. */
const char *html_tag_read(const char *at, const char *end, struct html_tag *tag_out);
/* NULL: none. */
const struct html_attribute *html_tag_find(const struct html_tag *tag, const char *name);

/* at: at "&". UTF-8 of what it stands for, its size to *size_out. Returns what follows; `at` when it is no
 * reference. */
const char *html_reference(const char *at, const char *end, char utf8[HTML_REFERENCE_ROOM], size_t *size_out);
/* A value with its references resolved, cut at room - 1 and NUL-terminated. Returns its size. */
size_t html_value(const struct html_attribute *attribute, char *out, size_t room);
/* Its element has no content. */
bool html_tag_is_empty(const struct html_tag *tag);
/* Of this attribute: the text that stands for a picture, in a field, or comes up beside the pointer. */
bool html_tag_shows(const struct html_tag *tag, const char *name);
/* The declarations of a style attribute hide the element. */
bool html_style_hides(const char *style, size_t size);
/* Its text is shown backwards (override.h): <bdo dir="rtl">, unicode-bidi: bidi-override. */
bool html_tag_turns(const struct html_tag *tag);

#endif
