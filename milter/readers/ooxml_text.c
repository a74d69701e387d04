/* SPDX-License-Identifier: Apache-2.0 */

/* WordprocessingML, PresentationML, DrawingML and VML (ISO 29500): paragraphs, and what hides them. */

#include "readers/part.h"

#include <string.h>

static bool is_off(const struct xml_element *element)
{
    char value[XML_VALUE_ROOM];
    xml_value(element, "val", value);
    return xml_is(value, "0") || xml_is(value, "false") || xml_is(value, "off");
}

static void collect(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_top(part)->collects = true;
}

static void ignore(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_top(part)->collects = false;
}

static void collect_deleted(struct part *part, const struct xml_element *element)
{
    collect(part, element);
    part_top(part)->place = TEXT_HIDDEN;
}

static void hide(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_top(part)->place = TEXT_HIDDEN;
}

static void shape(struct part *part, const struct xml_element *element)
{
    (void)element;
    if (part_top(part)->place == TEXT_BODY)
        part_top(part)->place = TEXT_SHAPE;
}

static void vml_text_box(struct part *part, const struct xml_element *element)
{
    shape(part, element);
    part_top(part)->collects = true;
}

static void hold(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_top(part)->run = (unsigned short)part->depth;
}

/* Of the run around it; a paragraph's mark may be hidden, too, which hides no text. */
static void vanish(struct part *part, const struct xml_element *element)
{
    unsigned run = part_top(part)->run;
    if (run && run + 2 == part->depth && !is_off(element))
        part->frames[run].place = TEXT_HIDDEN;
}

/* A slide's title; on a master, a text that only prompts. */
static void placeholder(struct part *part, const struct xml_element *element)
{
    char type[XML_VALUE_ROOM];
    unsigned shape_depth = part_top(part)->run;
    if (!shape_depth)
        return;
    xml_value(element, "type", type);
    if (part->frames[0].place == TEXT_HEADER)
        part->frames[shape_depth].place = TEXT_HIDDEN;
    else if (xml_is(type, "title") || xml_is(type, "ctrTitle"))
        part->frames[shape_depth].place = TEXT_TITLE;
}

static void tab(struct part *part, const struct xml_element *element)
{
    (void)element;
    if (xml_is(part_parent(part), "r"))
        part_break(part, "\t");
}

static void line_break(struct part *part, const struct xml_element *element)
{
    char type[XML_VALUE_ROOM];
    xml_value(element, "type", type);
    part_break(part, xml_is(type, "page") ? "\f" : "\n");
}

static void hyphen(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_string(part, part_top(part)->place, "-");
}

static enum text_place place_of_label(struct part *part)
{
    enum text_place place = part_top(part)->place;
    return place == TEXT_BODY ? TEXT_SHAPE : place;
}

static void show_value(struct part *part, const struct xml_element *element, const char *name)
{
    char value[XML_VALUE_ROOM];
    xml_value(element, name, value);
    part_line(part, place_of_label(part), value);
}

static void alternative_text(struct part *part, const struct xml_element *element)
{
    show_value(part, element, "title");
    show_value(part, element, "descr");
}

/* Word's watermarks are drawn letters of VML. */
static void drawn_letters(struct part *part, const struct xml_element *element)
{
    show_value(part, element, "string");
}

static void vml_shape(struct part *part, const struct xml_element *element)
{
    show_value(part, element, "alt");
    show_value(part, element, "title");
}

static void variable(struct part *part, const struct xml_element *element)
{
    show_value(part, element, "val");
}

/* What a list writes before each item: "%1." or words. */
static void list_label(struct part *part, const struct xml_element *element)
{
    char value[XML_VALUE_ROOM];
    unsigned letters = 0;
    xml_value(element, "val", value);
    for (const char *at = value; *at; at++)
        letters += (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') || (unsigned char)*at >= 0xd8;
    if (letters >= 4)
        part_line(part, TEXT_BODY, value);
}

static void binary(struct part *part, const struct xml_element *element)
{
    (void)element;
    part_binary_start(part);
}

static const struct {
    const char *name;
    void (*start)(struct part *part, const struct xml_element *element);
} elements[] = {{"t", collect},
                {"p", NULL},
                {"r", hold},
                {"sp", hold},
                {"text", collect},
                {"delText", collect_deleted},
                {"instrText", ignore},
                {"delInstrText", ignore},
                {"ClientData", ignore},
                {"tab", tab},
                {"ptab", tab},
                {"br", line_break},
                {"cr", line_break},
                {"noBreakHyphen", hyphen},
                {"del", hide},
                {"moveFrom", hide},
                {"vanish", vanish},
                {"txbxContent", shape},
                {"textbox", vml_text_box},
                {"ph", placeholder},
                {"docPr", alternative_text},
                {"cNvPr", alternative_text},
                {"textpath", drawn_letters},
                {"shape", vml_shape},
                {"imagedata", vml_shape},
                {"binData", binary},
                {"binaryData", binary},
                {"docVar", variable},
                {"lvlText", list_label}};

static void start(struct part *part, const struct xml_element *element)
{
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (xml_is(elements[i].name, element->name)) {
            if (elements[i].start)
                elements[i].start(part, element);
            return;
        }
    /* A chart keeps what it shows as values. */
    if (xml_is(element->name, "v") && part->frames[0].place == TEXT_SHAPE)
        part_top(part)->collects = true;
}

static void end(struct part *part, const char *name)
{
    static const char *const lines[] = {"text", "v", "shape", "textbox"};
    if (xml_is("p", name))
        part_paragraph_end(part);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (xml_is(lines[i], name))
            part_break(part, "\n");
}

const struct part_dialect dialect_text = {.start = start, .end = end};

static bool is_blank(const char *utf8, size_t size)
{
    while (size && (*utf8 == ' ' || *utf8 == '\t' || *utf8 == '\r' || *utf8 == '\n')) {
        utf8++;
        size--;
    }
    return !size;
}

/* Files that people do not read are indented. */
static void text_all(struct part *part, const char *utf8, size_t size)
{
    if (!part->line_begun && is_blank(utf8, size))
        return;
    part_text(part, part_top(part)->place, utf8, size);
}

static void end_all(struct part *part, const char *name)
{
    (void)name;
    part_break(part, "\n");
}

const struct part_dialect dialect_all = {.end = end_all, .text = text_all};
