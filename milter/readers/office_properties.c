/* SPDX-License-Identifier: Apache-2.0 */

/* What a package says about itself: docProps (ISO 29500-2 and -1, 22.2), custom properties, where labels of
 * confidentiality are kept (MSIP_Label_<GUID>_…), docMetadata/LabelInfo.xml; relationships and content types.
 */

#include "readers/part.h"

#include <stdio.h>
#include <string.h>

static void gather(struct part *part, const char *name)
{
    (void)snprintf(part->name, sizeof part->name, "%s", name);
    buffer_clear(&part->value);
}

static const struct {
    const char *element, *property;
} core_names[] = {{"title", "Title"},
                  {"subject", "Subject"},
                  {"creator", "Author"},
                  {"keywords", "Keywords"},
                  {"keyword", "Keywords"},
                  {"description", "Comments"},
                  {"category", "Category"},
                  {"contentStatus", "Status"},
                  {"lastModifiedBy", "Last author"},
                  {"initial-creator", "Author"},
                  {"Company", "Company"},
                  {"Manager", "Manager"},
                  {"identifier", "Identifier"}};

static const char *property_of(const char *element)
{
    for (size_t i = 0; i < sizeof core_names / sizeof *core_names; i++)
        if (xml_is(core_names[i].element, element))
            return core_names[i].property;
    return NULL;
}

void property_start(struct part *part, const struct xml_element *element)
{
    char name[XML_VALUE_ROOM];
    const char *known = property_of(element->name);
    xml_value(element, "name", name);
    if (xml_is(element->name, "property") || xml_is(element->name, "user-defined"))
        gather(part, name);
    else if (known)
        gather(part, known);
}

void property_text(struct part *part, const char *utf8, size_t size)
{
    if (part->name[0])
        buffer_append(&part->value, utf8, size);
}

void property_end(struct part *part)
{
    const char *value = buffer_text(&part->value);
    if (part->name[0] && value[strspn(value, " \t\r\n")])
        reading_property(part->reading, part->name, value);
    if (part->value.failed)
        reading_raise(part->reading, PART_UNREAD, "a property that is too long");
    part->name[0] = '\0';
    buffer_clear(&part->value);
}

static void start(struct part *part, const struct xml_element *element)
{
    if (part->depth == 2)
        property_start(part, element);
}

static void end(struct part *part, const char *name)
{
    (void)name;
    if (part->depth == 2)
        property_end(part);
}

/* docProps/core.xml, app.xml and custom.xml. */
const struct part_dialect dialect_properties = {.start = start, .end = end, .text = property_text};

/* [MS-OFFCRYPTO] 2.6: <clbl:label id="{GUID}" enabled="1" method="…" siteId="{GUID}" …/>, told under the
 * names that custom properties have. */
static void label_start(struct part *part, const struct xml_element *element)
{
    static const struct {
        const char *attribute, *suffix;
    } values[] = {{"enabled", "Enabled"}, {"siteId", "SiteId"}, {"method", "Method"}, {"name", "Name"}};
    char id[XML_VALUE_ROOM], name[2 * XML_VALUE_ROOM], value[XML_VALUE_ROOM];
    if (!xml_is(element->name, "label"))
        return;
    xml_value(element, "id", id);
    size_t skip = id[0] == '{', length = strlen(id);
    if (length && id[length - 1] == '}')
        id[length - 1] = '\0';
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        xml_value(element, values[i].attribute, value);
        (void)snprintf(name, sizeof name, "MSIP_Label_%s_%s", id + skip, values[i].suffix);
        if (value[0])
            reading_property(part->reading, name, value);
    }
}

const struct part_dialect dialect_label = {.start = label_start};

/* --- relationships (ISO 29500-2, 9.3): what is not in the package */

static bool type_is(const char *type, const char *const *names)
{
    const char *slash = strrchr(type, '/');
    for (; slash && *names; names++)
        if (xml_is(slash + 1, *names))
            return true;
    return false;
}

static void links_start(struct part *part, const struct xml_element *element)
{
    /* What a program shows as if it stood here. */
    static const char *const shown[] = {"image", "oleObject", "frame", "subDocument", "aFChunk",
                                        "video", "audio",     "media", NULL};
    static const char *const ignored[] = {"hyperlink", NULL};
    char mode[XML_VALUE_ROOM], type[XML_VALUE_ROOM], target[XML_VALUE_ROOM];
    if (!xml_is(element->name, "Relationship"))
        return;
    xml_value(element, "TargetMode", mode);
    xml_value(element, "Type", type);
    xml_value(element, "Target", target);
    if (!xml_is(mode, "External") || type_is(type, ignored))
        return;
    if (!type_is(type, shown))
        reading_property(part->reading, "Link", target);
    else if (!reading_closed(part->reading, target, PART_UNREAD, "its content is somewhere else"))
        part->stopped = true;
}

const struct part_dialect dialect_links = {.start = links_start};

/* --- content types (ISO 29500-2, 10.1): what the package is */

static const struct {
    const char *type, *kind;
} main_types[] = {
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.template"},
    {"application/vnd.ms-word.document.macroEnabled.main+xml",
     "application/vnd.ms-word.document.macroenabled.12"},
    {"application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
     "application/vnd.ms-word.template.macroenabled.12"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.template"},
    {"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
     "application/vnd.ms-excel.sheet.macroenabled.12"},
    {"application/vnd.ms-excel.template.macroEnabled.main+xml",
     "application/vnd.ms-excel.template.macroenabled.12"},
    {"application/vnd.ms-excel.sheet.binary.macroEnabled.main",
     "application/vnd.ms-excel.sheet.binary.macroenabled.12"},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
     "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
     "application/vnd.openxmlformats-officedocument.presentationml.slideshow"},
    {"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
     "application/vnd.openxmlformats-officedocument.presentationml.template"},
    {"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
     "application/vnd.ms-powerpoint.presentation.macroenabled.12"},
    {"application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
     "application/vnd.ms-powerpoint.slideshow.macroenabled.12"},
    {"application/vnd.ms-powerpoint.template.macroEnabled.main+xml",
     "application/vnd.ms-powerpoint.template.macroenabled.12"},
};

static void types_start(struct part *part, const struct xml_element *element)
{
    char type[XML_VALUE_ROOM];
    xml_value(element, "ContentType", type);
    for (size_t i = 0; i < sizeof main_types / sizeof *main_types; i++)
        if (!strcasecmp(main_types[i].type, type))
            reading_kind(part->reading, main_types[i].kind);
}

const struct part_dialect dialect_types = {.start = types_start};
