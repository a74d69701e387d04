/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/part.h"

#include "readers/odf_boxes.h"

#include <string.h>

enum { ALTERNATIVE_BYTES = 1024 * 1024, VALUE_BYTES = 64 * 1024, PIECE = 4096 };

static const struct {
    const char *root, *namespace; /* part of its URI; "": any */
    const struct part_dialect *dialect;
    enum text_place place;
} roots[] = {
    {"document-content", "opendocument", &dialect_odf, TEXT_BODY},
    {"document-styles", "opendocument", &dialect_odf, TEXT_BODY},
    {"document-meta", "opendocument", &dialect_odf, TEXT_BODY},
    {"document", "opendocument", &dialect_odf, TEXT_BODY},
    {"module", "", &dialect_odf, TEXT_HIDDEN},
    {"document-settings", "opendocument", &dialect_nothing, TEXT_HIDDEN},
    {"manifest", "opendocument", &dialect_odf_manifest, TEXT_BODY},
    {"document", "", &dialect_text, TEXT_BODY},
    {"wordDocument", "", &dialect_text, TEXT_BODY},
    {"package", "", &dialect_text, TEXT_BODY},
    {"hdr", "", &dialect_text, TEXT_HEADER},
    {"ftr", "", &dialect_text, TEXT_FOOTER},
    {"comments", "", &dialect_text, TEXT_NOTE},
    {"footnotes", "", &dialect_text, TEXT_NOTE},
    {"endnotes", "", &dialect_text, TEXT_NOTE},
    {"ThreadedComments", "", &dialect_text, TEXT_NOTE},
    {"cmLst", "", &dialect_text, TEXT_NOTE},
    {"glossaryDocument", "", &dialect_text, TEXT_HIDDEN},
    {"settings", "", &dialect_text, TEXT_HIDDEN},
    {"numbering", "", &dialect_text, TEXT_HIDDEN},
    {"styles", "", &dialect_text, TEXT_HIDDEN},
    {"sld", "", &dialect_text, TEXT_BODY},
    {"notes", "", &dialect_text, TEXT_NOTE},
    {"sldMaster", "", &dialect_text, TEXT_HEADER},
    {"sldLayout", "", &dialect_text, TEXT_HEADER},
    {"notesMaster", "", &dialect_text, TEXT_HEADER},
    {"handoutMaster", "", &dialect_text, TEXT_HEADER},
    {"wsDr", "", &dialect_text, TEXT_SHAPE},
    {"drawing", "", &dialect_text, TEXT_SHAPE},
    {"dataModel", "", &dialect_text, TEXT_SHAPE},
    {"userShapes", "", &dialect_text, TEXT_SHAPE},
    {"chartSpace", "", &dialect_text, TEXT_SHAPE},
    {"xml", "", &dialect_text, TEXT_SHAPE},
    {"worksheet", "", &dialect_sheet, TEXT_CELL},
    {"chartsheet", "", &dialect_sheet, TEXT_CELL},
    {"dialogsheet", "", &dialect_sheet, TEXT_CELL},
    {"macrosheet", "", &dialect_sheet, TEXT_CELL},
    {"sst", "", &dialect_strings, TEXT_HIDDEN},
    {"workbook", "", &dialect_workbook, TEXT_TITLE},
    {"pivotCacheDefinition", "", &dialect_pivot, TEXT_HIDDEN},
    {"pivotCacheRecords", "", &dialect_pivot, TEXT_HIDDEN},
    {"Properties", "", &dialect_properties, TEXT_BODY},
    {"coreProperties", "", &dialect_properties, TEXT_BODY},
    {"labelList", "", &dialect_label, TEXT_BODY},
    {"Relationships", "", &dialect_links, TEXT_BODY},
    {"Types", "", &dialect_types, TEXT_BODY},
};

struct part_frame *part_top(struct part *part)
{
    return &part->frames[part->depth];
}

const char *part_parent(const struct part *part)
{
    return part->depth > 1 ? part->frames[part->depth - 1].name : "";
}

static void stop(struct part *part)
{
    part->stopped = true;
    if (part->xml)
        xml_stop(part->xml);
}

/* Letters only: alternatives differ in the blanks around them. */
static bool says_the_same(const struct buffer *a, const struct buffer *b)
{
    const char *one = buffer_text(a), *other = buffer_text(b);
    for (;; one++, other++) {
        one += strspn(one, " \t\r\n\f");
        other += strspn(other, " \t\r\n\f");
        if (*one != *other || !*one)
            return *one == *other;
    }
}

static void put(struct part *part, enum text_place place, const char *utf8, size_t size)
{
    if (part->stopped || !size)
        return;
    if (part->alternative_mode == ALTERNATIVE_FALLBACK) {
        buffer_append(&part->fallback, utf8, size);
        part->line_begun = true;
        return;
    }
    if (part->alternative_mode == ALTERNATIVE_CHOICE)
        buffer_append(&part->choice, utf8, size);
    part->line_begun = true;
    if (part->boxes.depth && place == TEXT_SHAPE)
        buffer_append(&part->boxes.text, utf8, size);
    else if (!reading_text(part->reading, place, utf8, size))
        stop(part);
}

void part_text(struct part *part, enum text_place place, const char *utf8, size_t size)
{
    size_t from = 0;
    for (size_t i = 0; i < size; i++) {
        if (utf8[i] != '\n' && utf8[i] != '\r' && utf8[i] != '\f')
            continue;
        put(part, place, utf8 + from, i - from);
        put(part, place, " ", 1);
        from = i + 1;
    }
    put(part, place, utf8 + from, size - from);
}

void part_string(struct part *part, enum text_place place, const char *utf8)
{
    part_text(part, place, utf8, strlen(utf8));
}

void part_break(struct part *part, const char *what)
{
    bool ends = *what == '\n';
    if (ends && !part->line_begun)
        return;
    put(part, part_top(part)->place, what, 1);
    part->line_begun = !ends;
    part->line_blank = false;
}

static bool is_in_table(const struct part *part)
{
    for (unsigned i = part->depth; i > 0; i--)
        if (xml_is(part->frames[i].name, "tc") || xml_is(part->frames[i].name, "table-cell"))
            return true;
    return false;
}

/* People part a stamp from the text by empty paragraphs; those in tables are cells without words. */
void part_paragraph_end(struct part *part)
{
    if (!part->line_begun && !part->line_blank && part_top(part)->place == TEXT_BODY && !is_in_table(part)) {
        put(part, TEXT_BODY, "\n", 1);
        part->line_blank = true;
        part->line_begun = false;
        return;
    }
    part_break(part, "\n");
}

void part_line(struct part *part, enum text_place place, const char *utf8)
{
    if (!utf8[strspn(utf8, " \t")])
        return;
    part_string(part, place, utf8);
    put(part, place, "\n", 1);
}

const struct part_dialect dialect_nothing = {0};

void part_binary_start(struct part *part)
{
    part_top(part)->collects = false;
    part_top(part)->binary = true;
    buffer_clear(&part->value);
    part->value.limit = BUDGET_DOCUMENT_MAX;
    decoder_init(&part->decoder, ENCODING_BASE64);
}

static void binary_text(struct part *part, const char *base64, size_t size)
{
    char bytes[PIECE + 4];
    for (size_t at = 0; at < size && !part->stopped; at += PIECE) {
        size_t some = size - at < PIECE ? size - at : PIECE;
        size_t made = decoder_feed(&part->decoder, base64 + at, some, bytes);
        if (!budget_bytes(part->reading->budget, made))
            stop(part);
        else
            buffer_append(&part->value, bytes, made);
    }
}

static void binary_end(struct part *part)
{
    char bytes[4];
    buffer_append(&part->value, bytes, decoder_finish(&part->decoder, bytes));
    if (part->value.failed)
        reading_raise(part->reading, PART_UNREAD, "a packed file too big to be read");
    else if (part->value.size &&
             !reading_embedded(part->reading, NULL, buffer_text(&part->value), part->value.size))
        stop(part);
    buffer_free(&part->value);
    part->value.limit = VALUE_BYTES;
}

static void choose(struct part *part, const struct xml_element *root)
{
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (xml_is(roots[i].root, root->name) &&
            (!roots[i].namespace[0] || strstr(root->namespace, roots[i].namespace))) {
            part->dialect = roots[i].dialect;
            part->frames[0].place = roots[i].place;
            return;
        }
    part->dialect = &dialect_all;
    part->frames[0].place = part->package->alone ? TEXT_BODY : TEXT_HIDDEN;
}

static void enter_alternative(struct part *part, const char *name)
{
    if (xml_is(name, "AlternateContent") && !part->alternative)
        part->alternative = part->depth;
    if (!part->alternative)
        return;
    bool outermost = part->depth == part->alternative + 1;
    if (outermost && xml_is(name, "Choice"))
        part->alternative_mode = ALTERNATIVE_CHOICE;
    else if (outermost && xml_is(name, "Fallback"))
        part->alternative_mode = ALTERNATIVE_FALLBACK;
    else if (xml_is(name, "Fallback"))
        part_top(part)->place = TEXT_HIDDEN;
}

static void show_fallback(struct part *part)
{
    part->alternative_mode = ALTERNATIVE_NONE;
    bool whole = !part->choice.failed && !part->fallback.failed;
    if (!whole)
        reading_raise(part->reading, PART_UNREAD, "too much text in two forms");
    if (!whole || !says_the_same(&part->choice, &part->fallback)) {
        put(part, TEXT_SHAPE, buffer_text(&part->fallback), part->fallback.size);
        put(part, TEXT_SHAPE, "\n", 1);
    }
    buffer_clear(&part->choice);
    buffer_clear(&part->fallback);
}

static void leave_alternative(struct part *part)
{
    if (!part->alternative)
        return;
    if (part->depth == part->alternative + 1 && part->alternative_mode == ALTERNATIVE_FALLBACK)
        show_fallback(part);
    else if (part->depth == part->alternative + 1)
        part->alternative_mode = ALTERNATIVE_NONE;
    else if (part->depth == part->alternative)
        part->alternative = 0;
}

static void on_start(void *context, const struct xml_element *element)
{
    struct part *part = context;
    if (!part->depth)
        choose(part, element);
    part->depth++;
    *part_top(part) = part->frames[part->depth - 1];
    part_top(part)->name = element->name;
    part_top(part)->binary = false;
    enter_alternative(part, element->name);
    if (part->dialect->start)
        part->dialect->start(part, element);
}

static void on_end(void *context, const char *name)
{
    struct part *part = context;
    if (part_top(part)->binary)
        binary_end(part);
    if (part->dialect->end)
        part->dialect->end(part, name);
    leave_alternative(part);
    part->depth--;
}

static void on_text(void *context, const char *utf8, size_t size)
{
    struct part *part = context;
    if (!part->depth)
        return;
    if (part_top(part)->binary)
        binary_text(part, utf8, size);
    else if (part->dialect->text)
        part->dialect->text(part, utf8, size);
    else if (part_top(part)->collects)
        part_text(part, part_top(part)->place, utf8, size);
}

static const struct xml_handler handler = {.start = on_start, .end = on_end, .text = on_text};

const char *part_open(struct part *part, struct package *package)
{
    *part = (struct part){.package = package, .reading = package->reading};
    buffer_init(&part->choice, ALTERNATIVE_BYTES);
    buffer_init(&part->fallback, ALTERNATIVE_BYTES);
    buffer_init(&part->value, VALUE_BYTES);
    buffer_init(&part->hidden_styles, VALUE_BYTES);
    boxes_init(&part->boxes);
    part->xml = xml_open(&handler, part);
    return part->xml ? NULL : "no memory to read it";
}

bool part_feed(struct part *part, const void *bytes, size_t size)
{
    return part->xml && xml_feed(part->xml, bytes, size);
}

const char *part_close(struct part *part)
{
    const char *why = part->xml ? xml_close(part->xml) : NULL;
    part->xml = NULL;
    boxes_finish(part);
    boxes_free(&part->boxes);
    buffer_free(&part->choice);
    buffer_free(&part->fallback);
    buffer_free(&part->value);
    buffer_free(&part->hidden_styles);
    return why;
}
