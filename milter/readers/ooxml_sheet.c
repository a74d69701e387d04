/* SPDX-License-Identifier: Apache-2.0 */

/* SpreadsheetML (ISO 29500): cells row by row, with the strings that they share. */

#include "readers/part.h"
#include "readers/sheet_header.h"

#include <stdlib.h>
#include <string.h>

/* --- the shared strings: kept, since cells name them by number */

static void strings_start(struct part *part, const struct xml_element *element)
{
    struct shared_strings *strings = &part->package->strings;
    if (xml_is(element->name, "si")) {
        uint32_t at = (uint32_t)strings->text.size;
        buffer_append(&strings->offsets, &at, sizeof at);
        buffer_append(&strings->used, "", 1);
    } else if (xml_is(element->name, "t"))
        part_top(part)->collects = true;
    else if (xml_is(element->name, "rPh"))
        part_top(part)->run = 1;
}

static void strings_text(struct part *part, const char *utf8, size_t size)
{
    struct shared_strings *strings = &part->package->strings;
    if (!part_top(part)->collects || part_top(part)->run)
        return;
    buffer_append(&strings->text, utf8, size);
    if (strings->text.failed || strings->offsets.failed || strings->used.failed) {
        reading_raise(part->reading, PART_UNREAD, "too many strings in a workbook");
        part->stopped = true;
        xml_stop(part->xml);
    }
}

const struct part_dialect dialect_strings = {.start = strings_start, .text = strings_text};

static size_t n_strings(const struct shared_strings *strings)
{
    return strings->used.size;
}

static const char *string_at(const struct shared_strings *strings, size_t number, size_t *size_out)
{
    uint32_t from, to = (uint32_t)strings->text.size;
    memcpy(&from, strings->offsets.bytes + number * sizeof from, sizeof from);
    if (number + 1 < n_strings(strings))
        memcpy(&to, strings->offsets.bytes + (number + 1) * sizeof to, sizeof to);
    *size_out = to - from;
    return buffer_text(&strings->text) + from;
}

void sheet_show_unused(struct package *package)
{
    const struct shared_strings *strings = &package->strings;
    if (strings->offsets.failed || strings->used.failed)
        return;
    for (size_t i = 0; i < n_strings(strings); i++) {
        size_t size;
        const char *text = string_at(strings, i, &size);
        if (strings->used.bytes[i] || !size)
            continue;
        if (!reading_text(package->reading, TEXT_HIDDEN, text, size) ||
            !reading_text(package->reading, TEXT_HIDDEN, "\n", 1))
            return;
    }
}

/* --- a sheet */

static void show_shared(struct part *part)
{
    struct shared_strings *strings = &part->package->strings;
    const char *digits = buffer_text(&part->value);
    char *end;
    unsigned long number = strtoul(digits, &end, 10);
    if (end == digits || number >= n_strings(strings) || strings->offsets.failed) {
        reading_raise(part->reading, PART_UNREAD, "a cell whose text is not there");
        return;
    }
    size_t size;
    const char *text = string_at(strings, number, &size);
    strings->used.bytes[number] = 1;
    part_text(part, TEXT_CELL, text, size);
}

static bool ends_with(const char *name, const char *end)
{
    size_t a = strlen(name), b = strlen(end);
    return a >= b && xml_is(name + a - b, end);
}

static bool is_page_header(const char *name)
{
    return !xml_is(name, "headerFooter") && (ends_with(name, "Header") || ends_with(name, "Footer"));
}

static void sheet_start(struct part *part, const struct xml_element *element)
{
    const char *name = element->name;
    if (xml_is(name, "c")) {
        char type[XML_VALUE_ROOM];
        xml_value(element, "t", type);
        memcpy(part->cell_type, type, sizeof part->cell_type - 1);
        part->cell_type[sizeof part->cell_type - 1] = '\0';
    } else if (xml_is(name, "v") || is_page_header(name)) {
        buffer_clear(&part->value);
        part_top(part)->run = 1;
        if (is_page_header(name))
            part_top(part)->place = ends_with(name, "Header") ? TEXT_HEADER : TEXT_FOOTER;
    } else if (xml_is(name, "t"))
        part_top(part)->collects = true;
    else if (xml_is(name, "macrosheet"))
        reading_raise(part->reading, PART_MACRO, "a macro");
}

static void sheet_text(struct part *part, const char *utf8, size_t size)
{
    const struct part_frame *top = part_top(part);
    if (top->run)
        buffer_append(&part->value, utf8, size);
    else if (top->collects)
        part_text(part, top->place, utf8, size);
}

static void end_value(struct part *part)
{
    if (part->value.failed)
        reading_raise(part->reading, PART_UNREAD, "a cell that is too long");
    else if (xml_is(part->cell_type, "s"))
        show_shared(part);
    else if (!xml_is(part->cell_type, "b") && !xml_is(part->cell_type, "e"))
        part_string(part, TEXT_CELL, buffer_text(&part->value));
}

static void sheet_end(struct part *part, const char *name)
{
    if (xml_is(name, "v"))
        end_value(part);
    else if (xml_is(name, "c"))
        part_break(part, "\t");
    else if (xml_is(name, "row"))
        part_break(part, "\n");
    else if (is_page_header(name) && part_top(part)->run)
        sheet_header_show(part->reading, part_top(part)->place, buffer_text(&part->value));
}

const struct part_dialect dialect_sheet = {.start = sheet_start, .end = sheet_end, .text = sheet_text};

static void workbook_start(struct part *part, const struct xml_element *element)
{
    char name[XML_VALUE_ROOM];
    if (!xml_is(element->name, "sheet"))
        return;
    xml_value(element, "name", name);
    part_line(part, TEXT_TITLE, name);
}

const struct part_dialect dialect_workbook = {.start = workbook_start};

/* A copy of the data that a pivot table was made of. */
static void pivot_start(struct part *part, const struct xml_element *element)
{
    char value[XML_VALUE_ROOM];
    if (!xml_is(element->name, "s") && !xml_is(element->name, "n"))
        return;
    xml_value(element, "v", value);
    part_line(part, TEXT_HIDDEN, value);
}

const struct part_dialect dialect_pivot = {.start = pivot_start};
