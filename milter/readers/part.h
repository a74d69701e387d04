/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_PART_H
#define KHATM_READERS_PART_H

/* One XML part of an office document while it streams by. Each open element has a frame, which starts as a
 * copy of its parent's; the part's dialect looks at the element's name and changes the frame: where text
 * stands and whether character data is text. The dialect is chosen by the root element, never by the part's
 * name, which says nothing that a program must believe. Namespaces are told apart only where two dialects
 * share a name: what a program ignores because of its prefix is shown all the same. */

#include "base/buffer.h"
#include "inspector/decode.h"
#include "inspector/reader.h"
#include "readers/xml.h"

struct part;

struct part_dialect {
    void (*start)(struct part *part, const struct xml_element *element);
    void (*end)(struct part *part, const char *name);
    /* NULL: character data goes out where the frame collects. */
    void (*text)(struct part *part, const char *utf8, size_t size);
};

struct part_frame {
    const char *name;
    enum text_place place;
    bool collects;      /* character data is text */
    bool binary;        /* it is a file in base64 */
    unsigned short run; /* the nearest element that a property below it may hide or name; 0: none */
};

/* What parts of one workbook share. */
struct shared_strings {
    struct buffer text;    /* one after the other, no separators */
    struct buffer offsets; /* uint32_t, where each starts */
    struct buffer used;    /* a byte each: a cell has it */
};

struct package {
    struct reading *reading;
    struct shared_strings strings;
    bool encrypted; /* the manifest says so */
    bool alone;     /* one XML file and no package */
};

/* Text boxes that wait for their order (odf_boxes.h). */
struct boxes {
    struct buffer text; /* of all, one behind the other */
    struct buffer list; /* a struct box each */
    unsigned depth;     /* of the one that is open; 0: none */
};

struct part {
    struct package *package;
    struct reading *reading;
    const struct part_dialect *dialect;
    struct xml *xml;
    bool stopped; /* no more will be taken */
    unsigned depth;
    struct part_frame frames[XML_DEPTH_MAX + 2]; /* [0] is the document, [depth] the innermost element */

    /* An alternative for older programs that says the same is not said again. */
    unsigned alternative; /* depth of the outermost AlternateContent; 0: none */
    enum { ALTERNATIVE_NONE, ALTERNATIVE_CHOICE, ALTERNATIVE_FALLBACK } alternative_mode;
    struct buffer choice, fallback;

    struct buffer value; /* what a dialect gathers before it knows what it is */
    char name[XML_VALUE_ROOM];
    char cell_type[8];
    struct decoder decoder;
    char style[XML_VALUE_ROOM];  /* that is being defined */
    struct buffer hidden_styles; /* names, each between line ends */
    struct boxes boxes;
    bool line_begun; /* something was said since the last line end */
    bool line_blank; /* the last line was */
};

/* Runs XML through a part: part_open, then what comes, then part_close, whose result is as xml_close's. */
const char *part_open(struct part *part, struct package *package);
bool part_feed(struct part *part, const void *bytes, size_t size);
const char *part_close(struct part *part);

struct part_frame *part_top(struct part *part);
/* The name of the element around the innermost one; "". */
const char *part_parent(const struct part *part);
/* Text as it is; a line end within becomes a blank. */
void part_text(struct part *part, enum text_place place, const char *utf8, size_t size);
void part_string(struct part *part, enum text_place place, const char *utf8);
/* '\n', '\t' or '\f' where the innermost element stands. */
void part_break(struct part *part, const char *what);
/* The end of a paragraph; that of an empty one outside of tables is a blank line. */
void part_paragraph_end(struct part *part);
/* An attribute as a line of its own, when it says something. */
void part_line(struct part *part, enum text_place place, const char *utf8);

/* The innermost element holds a file in base64, which is handed on at its end. */
void part_binary_start(struct part *part);

/* Word and its kin, slides, drawings, comments. */
extern const struct part_dialect dialect_text;
/* Every character is text; none is. */
extern const struct part_dialect dialect_all, dialect_nothing;
extern const struct part_dialect dialect_strings, dialect_sheet, dialect_workbook, dialect_pivot;
extern const struct part_dialect dialect_properties, dialect_label;
extern const struct part_dialect dialect_links, dialect_types;
extern const struct part_dialect dialect_odf, dialect_odf_manifest;

/* For dialects that meet properties: an element of core.xml or meta.xml, its text, its end. */
void property_start(struct part *part, const struct xml_element *element);
void property_text(struct part *part, const char *utf8, size_t size);
void property_end(struct part *part);

/* Strings that no cell shows. */
void sheet_show_unused(struct package *package);

#endif
