/* SPDX-License-Identifier: Apache-2.0 */

/* OpenDocument (ISO 26300): text documents, sheets, slides and drawings share their elements. */

#include "readers/odf_boxes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLANKS_MAX = 8, IN_SPREADSHEET = 1, IN_SLIDES = 2 };

static void style(struct part *part, const struct xml_element *element)
{
    xml_value(element, "name", part->style);
}

static void text_properties(struct part *part, const struct xml_element *element)
{
    char display[XML_VALUE_ROOM];
    xml_value(element, "display", display);
    if (!xml_is(display, "none"))
        return;
    buffer_puts(&part->hidden_styles, "\n");
    buffer_puts(&part->hidden_styles, part->style);
    buffer_puts(&part->hidden_styles, "\n");
}

/* By automatic styles only: they stand in front of the text that they are for. */
static bool is_hidden(struct part *part, const struct xml_element *element)
{
    char name[XML_VALUE_ROOM], wanted[XML_VALUE_ROOM + 2];
    if (!part->hidden_styles.size)
        return false;
    xml_value(element, "style-name", name);
    (void)snprintf(wanted, sizeof wanted, "\n%s\n", name);
    return name[0] && strstr(buffer_text(&part->hidden_styles), wanted);
}

static void span(struct part *part, const struct xml_element *element)
{
    if (is_hidden(part, element))
        part_top(part)->place = TEXT_HIDDEN;
}

static void paragraph(struct part *part, const struct xml_element *element)
{
    boxes_tell(part);
    span(part, element);
    part_top(part)->collects = true;
}

static void blanks(struct part *part, const struct xml_element *element)
{
    char count[XML_VALUE_ROOM];
    xml_value(element, "c", count);
    unsigned long n = count[0] ? strtoul(count, NULL, 10) : 1;
    part_text(part, part_top(part)->place, "        ", n < BLANKS_MAX ? n : BLANKS_MAX);
}

static void tab(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_break(part, "\t");
}

static void line_break(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_break(part, "\n");
}

static void set_place(struct part *part, enum text_place place)
{
    part_top(part)->place = place;
    part_top(part)->collects = false;
}

static void note(struct part *part, const struct xml_element *element)
{
    (void)element;
    set_place(part, TEXT_NOTE);
}

static void header(struct part *part, const struct xml_element *element)
{
    (void)element;
    set_place(part, TEXT_HEADER);
}

static void footer(struct part *part, const struct xml_element *element)
{
    (void)element;
    set_place(part, TEXT_FOOTER);
}

static void hidden(struct part *part, const struct xml_element *element)
{
    (void)element;
    set_place(part, TEXT_HIDDEN);
}

static void not_text(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_top(part)->collects = false;
}

static void cell(struct part *part, const struct xml_element *element)
{
    (void)element;
    if (part_top(part)->place == TEXT_BODY && part_top(part)->run == IN_SPREADSHEET)
        part_top(part)->place = TEXT_CELL;
}

/* Cells of a spreadsheet are cells; tables of letters are text. */
static void spreadsheet(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_top(part)->run = IN_SPREADSHEET;
}

static void slides(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_top(part)->run = IN_SLIDES;
}

static void table(struct part *part, const struct xml_element *element)
{
    char name[XML_VALUE_ROOM];
    xml_value(element, "name", name);
    if (part_top(part)->run == IN_SPREADSHEET)
        part_line(part, TEXT_TITLE, name);
}

static void shape(struct part *part, const struct xml_element *element)
{
    char class[XML_VALUE_ROOM];
    part_top(part)->collects = false;
    xml_value(element, "class", class);
    if (xml_is(class, "title"))
        part_top(part)->place = TEXT_TITLE;
    else if (part_top(part)->place == TEXT_BODY && part_top(part)->run != IN_SLIDES)
        part_top(part)->place = TEXT_SHAPE;
}

static void frame(struct part *part, const struct xml_element *element)
{
    shape(part, element);
    boxes_begin(part, element);
}

static void label(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_top(part)->collects = true;
    if (part_top(part)->place == TEXT_BODY)
        part_top(part)->place = TEXT_SHAPE;
}

static void section(struct part *part, const struct xml_element *element)
{
    char display[XML_VALUE_ROOM];
    xml_value(element, "display", display);
    if (xml_is(display, "none"))
        part_top(part)->place = TEXT_HIDDEN;
}

static void macro(struct part *part, const struct xml_element *element)
{
    (void)element;
    reading_raise(part->reading, PART_MACRO, "a macro");
}

static void hidden_text(struct part *part, const struct xml_element *element)
{
    char value[XML_VALUE_ROOM];
    xml_value(element, "string-value", value);
    part_line(part, TEXT_HIDDEN, value);
}

static void binary(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_binary_start(part);
}

/* Files that are somewhere else. Links within the package have no scheme and do not leave it. */
static void image(struct part *part, const struct xml_element *element)
{
    char target[XML_VALUE_ROOM];
    xml_value(element, "href", target);
    bool outside = strstr(target, "://") || !strncmp(target, "file:", 5) || !strncmp(target, "../", 3) ||
                   target[0] == '/';
    if (outside && !reading_closed(part->reading, target, PART_UNREAD, "its content is somewhere else"))
        part->stopped = true;
}

static const struct {
    const char *name;
    void (*start)(struct part *part, const struct xml_element *element);
    const char *after; /* what its end writes; NULL */
} elements[] = {{"p", paragraph, NULL},
                {"h", paragraph, NULL},
                {"s", blanks, NULL},
                {"tab", tab, NULL},
                {"line-break", line_break, NULL},
                {"note", note, NULL},
                {"notes", note, NULL},
                {"annotation", note, NULL},
                {"tracked-changes", hidden, NULL},
                {"hidden-text", hidden_text, NULL},
                {"hidden-paragraph", hidden, NULL},
                {"section", section, NULL},
                {"creator", not_text, NULL},
                {"date", not_text, NULL},
                {"header", header, NULL},
                {"header-left", header, NULL},
                {"header-first", header, NULL},
                {"footer", footer, NULL},
                {"footer-left", footer, NULL},
                {"footer-first", footer, NULL},
                {"master-page", header, NULL},
                {"spreadsheet", spreadsheet, NULL},
                {"presentation", slides, NULL},
                {"drawing", slides, NULL},
                {"style", style, NULL},
                {"text-properties", text_properties, NULL},
                {"span", span, NULL},
                {"table", table, NULL},
                {"table-cell", cell, NULL},
                {"covered-table-cell", cell, NULL},
                {"frame", frame, NULL},
                {"custom-shape", shape, NULL},
                {"rect", shape, NULL},
                {"ellipse", shape, NULL},
                {"caption", shape, NULL},
                {"text-box", not_text, NULL},
                {"title", label, "\n"},
                {"desc", label, "\n"},
                {"image", image, NULL},
                {"object", image, NULL},
                {"object-ole", image, NULL},
                {"source-code", macro, NULL},
                {"module", macro, NULL},
                {"binary-data", binary, NULL}};

enum { ELEMENTS = sizeof elements / sizeof *elements };

static size_t find(const char *name)
{
    size_t at = 0;
    while (at < ELEMENTS && !xml_is(elements[at].name, name))
        at++;
    return at;
}

/* What forms show is in attributes. */
static void form_control(struct part *part, const struct xml_element *element)
{
    static const char *const shown[] = {"label", "value", "current-value", "title"};
    char value[XML_VALUE_ROOM];
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        xml_value(element, shown[i], value);
        part_line(part, TEXT_SHAPE, value);
    }
}

static void start(struct part *part, const struct xml_element *element)
{
    size_t at = find(element->name);
    if (xml_is(part_parent(part), "meta"))
        property_start(part, element);
    else if (strstr(element->namespace, ":form:"))
        form_control(part, element);
    else if (at < ELEMENTS)
        elements[at].start(part, element);
}

static void end_of_element(struct part *part, const char *name)
{
    size_t at = find(name);
    bool in_cell = part_top(part)->place == TEXT_CELL;
    if (xml_is(part_parent(part), "meta"))
        property_end(part);
    else if (in_cell && xml_is(name, "p"))
        part_break(part, " ");
    else if (in_cell && (xml_is(name, "table-cell") || xml_is(name, "covered-table-cell")))
        part_break(part, "\t");
    else if (xml_is(name, "p") || xml_is(name, "h"))
        part_paragraph_end(part);
    else if (at < ELEMENTS && elements[at].after)
        part_break(part, elements[at].after);
    else if (xml_is(name, "table-row") && part_top(part)->run == IN_SPREADSHEET) {
        part_top(part)->place = TEXT_CELL;
        part_break(part, "\n");
    }
}

static void end(struct part *part, const char *name)
{
    end_of_element(part, name);
    boxes_end(part);
}

static void text(struct part *part, const char *utf8, size_t size)
{
    if (part->name[0])
        property_text(part, utf8, size);
    else if (part_top(part)->collects)
        part_text(part, part_top(part)->place, utf8, size);
}

const struct part_dialect dialect_odf = {.start = start, .end = end, .text = text};

/* META-INF/manifest.xml (ISO 26300-3, 4): what is encrypted. */
static void manifest_start(struct part *part, const struct xml_element *element)
{
    if (xml_is(element->name, "encryption-data"))
        part->package->encrypted = true;
}

const struct part_dialect dialect_odf_manifest = {.start = manifest_start};
