/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/ole.h"

#include "readers/cfb.h"
#include "readers/office_art.h"
#include "readers/ole_excel.h"
#include "readers/ole_message.h"
#include "readers/ole_powerpoint.h"
#include "readers/ole_properties.h"
#include "readers/ole_word.h"
#include "readers/outlet.h"

#include <string.h>

enum {
    NATIVE_NAME_MAX = 1024,
    UNKNOWN_SMALL = 1024, /* a stream of an unknown name that may hold no document */
};

static const char *const kinds[] = {
    "application/msword",        "application/vnd.ms-excel",   "application/vnd.ms-powerpoint",
    "application/vnd.ms-office", "application/vnd.ms-outlook", "application/vnd.ms-works",
    "application/vnd.visio",     "application/x-ole-storage",  "application/cdfv2",
    "application/CDFV2",         "application/cdfv2-corrupt",  "application/CDFV2-corrupt",
    "application/encrypted",     "application/x-mspublisher",  NULL};

static struct bytes bytes_of(const struct buffer *buffer)
{
    return (struct bytes){(const uint8_t *)buffer_text(buffer), buffer->size};
}

/* Size, label, name, path, then the bytes behind their own size; all strings in whatever codepage. */
void ole_native(struct reading *reading, struct bytes stream)
{
    const char *name = NULL;
    uint64_t at = 6, size;
    for (unsigned i = 0; i < 2; i++) {
        struct bytes rest = bytes_cut(stream, at, NATIVE_NAME_MAX);
        const uint8_t *end = memchr(rest.at, '\0', rest.size);
        if (!end)
            break;
        name = (const char *)rest.at;
        at += (uint64_t)(end - rest.at) + 1;
    }
    /* A reserved number, then the path that the file had on the way. */
    at += 4;
    at += 4 + (uint64_t)bytes_u32(stream, at);
    size = bytes_u32(stream, at);
    struct bytes data = bytes_cut(stream, at + 4, size);
    if (name && data.size && data.size == size) {
        (void)reading_embedded(reading, name, data.at, data.size);
        return;
    }
    struct bytes whole = bytes_cut(stream, 4, stream.size);
    if (whole.size)
        (void)reading_embedded(reading, NULL, whole.at, whole.size);
}

static void read_word(struct reading *reading, const struct cfb *storage, struct bytes document)
{
    struct buffer buffer;
    buffer_init(&buffer, BUDGET_DOCUMENT_MAX);
    struct cfb *stream = cfb_find(storage, ole_word_table(document));
    const char *why = stream ? cfb_load(reading, stream, &buffer) : NULL;
    if (why)
        reading_raise(reading, PART_UNREAD, why);
    ole_word(reading, document, bytes_of(&buffer));
    buffer_free(&buffer);
    cfb_close(stream);
}

static void read_embedded(struct reading *reading, struct bytes bytes)
{
    if (bytes.size)
        (void)reading_embedded(reading, NULL, bytes.at, bytes.size);
}

enum stream_kind {
    IGNORED,
    WORD,
    EXCEL,
    POWERPOINT,
    PROPERTIES,
    NATIVE,
    FILE_WITHIN,
    PICTURES,
    WORD_DATA,
    ENCRYPTED,
    MACRO,
    UNKNOWN
};

static const struct {
    const char *name;
    enum stream_kind kind;
} streams[] = {{"WordDocument", WORD},
               {"Workbook", EXCEL},
               {"Book", EXCEL},
               {"PowerPoint Document", POWERPOINT},
               {"\005SummaryInformation", PROPERTIES},
               {"\005DocumentSummaryInformation", PROPERTIES},
               {"\001Ole10Native", NATIVE},
               {"Package", FILE_WITHIN},
               {"CONTENTS", FILE_WITHIN},
               {"Pictures", PICTURES},
               {"Data", WORD_DATA},
               {"EncryptedPackage", ENCRYPTED},
               {"EncryptedSummary", ENCRYPTED},
               {"_VBA_PROJECT", MACRO},
               {"0Table", IGNORED},
               {"1Table", IGNORED},
               {"Current User", IGNORED},
               {"EncryptionInfo", IGNORED},
               {"\001CompObj", IGNORED},
               {"\001Ole", IGNORED},
               {"\002OlePres000", IGNORED},
               {"\003ObjInfo", IGNORED},
               {"\003PRINT", IGNORED},
               {"\003LINKSINFO", IGNORED},
               {"PROJECT", IGNORED},
               {"PROJECTwm", IGNORED},
               {"PROJECTlk", IGNORED},
               {"dir", IGNORED},
               {"\006DataSpaces", IGNORED},
               {"Version", IGNORED},
               {"DataSpaceMap", IGNORED},
               {"\006Primary", IGNORED},
               {"StrongEncryptionDataSpace", IGNORED}};

static enum stream_kind kind_of_stream(const char *name)
{
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        if (!strcmp(streams[i].name, name))
            return streams[i].kind;
    return UNKNOWN;
}

struct walk {
    struct reading *reading;
    bool in_macro;   /* below a storage of macros */
    bool understood; /* a stream said what the file is */
};

/* What libmagic knows only as a container. */
static void tell_kind(struct reading *reading, enum stream_kind kind)
{
    const char *told = kind == WORD         ? "application/msword"
                       : kind == EXCEL      ? "application/vnd.ms-excel"
                       : kind == POWERPOINT ? "application/vnd.ms-powerpoint"
                                            : NULL;
    if (told &&
        (!strcmp(reading->kind, "application/x-ole-storage") || !strcmp(reading->kind, "application/cdfv2")))
        reading_kind(reading, told);
}

static void read_stream(struct walk *walk, const struct cfb *storage, const char *name, struct bytes bytes)
{
    struct reading *reading = walk->reading;
    enum stream_kind kind = kind_of_stream(name);
    walk->understood |= kind != PROPERTIES && kind != UNKNOWN && kind != IGNORED;
    tell_kind(reading, kind);
    switch (kind) {
    case WORD:
        read_word(reading, storage, bytes);
        break;
    case EXCEL:
        ole_excel(reading, bytes);
        break;
    case POWERPOINT:
        ole_powerpoint(reading, bytes);
        break;
    case PROPERTIES:
        ole_properties(reading, bytes);
        break;
    case NATIVE:
        ole_native(reading, bytes);
        break;
    case FILE_WITHIN:
        read_embedded(reading, bytes);
        break;
    case PICTURES:
        office_art_pictures(reading, bytes);
        break;
    case WORD_DATA:
        office_art_word_data(reading, bytes);
        break;
    case ENCRYPTED:
        reading_raise(reading, PART_UNREAD, "password");
        break;
    case MACRO:
        reading_raise(reading, PART_MACRO, "a macro");
        break;
    case UNKNOWN:
        if (bytes.size > UNKNOWN_SMALL)
            (void)reading_embedded(reading, name, bytes.at, bytes.size);
        break;
    case IGNORED:
        break;
    }
}

static void visit_stream(struct walk *walk, const struct cfb *storage, const struct cfb *stream)
{
    enum stream_kind kind = kind_of_stream(cfb_name(stream));
    struct buffer buffer;
    if (kind == IGNORED || (kind == UNKNOWN && walk->in_macro))
        return;
    buffer_init(&buffer, BUDGET_DOCUMENT_MAX);
    const char *why = cfb_load(walk->reading, stream, &buffer);
    if (why)
        reading_raise(walk->reading, PART_UNREAD, why);
    if (!walk->reading->budget->exhausted)
        read_stream(walk, storage, cfb_name(stream), bytes_of(&buffer));
    buffer_free(&buffer);
}

static bool is_macros(const char *storage)
{
    return !strcmp(storage, "Macros") || !strcmp(storage, "VBA") || !strcmp(storage, "_VBA_PROJECT_CUR");
}

static void visit(struct walk *walk, const struct cfb *storage, unsigned depth)
{
    struct reading *reading = walk->reading;
    if (ole_message_is(storage)) {
        walk->understood = true;
        ole_message(reading, storage);
        return;
    }
    for (unsigned i = 0; i < cfb_children(storage) && !reading->budget->exhausted; i++) {
        struct cfb *child = cfb_child(storage, i);
        if (!child)
            reading_raise(reading, PART_UNREAD, "a damaged document");
        else if (!cfb_is_storage(child))
            visit_stream(walk, storage, child);
        else if (depth < CFB_DEPTH_MAX && budget_entry(reading->budget)) {
            bool in_macro = walk->in_macro;
            walk->in_macro |= is_macros(cfb_name(child));
            visit(walk, child, depth + 1);
            walk->in_macro = in_macro;
        } else
            reading_raise(reading, PART_UNREAD, "a document nested too deep");
        cfb_close(child);
    }
}

static void read_ole(struct reading *reading)
{
    struct walk walk = {.reading = reading};
    struct cfb *root = cfb_open(reading->bytes, reading->size);
    if (!root) {
        reading_raise(reading, PART_UNREAD, "a damaged document");
        return;
    }
    visit(&walk, root, 0);
    cfb_close(root);
    if (reading->budget->exhausted)
        reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
    else if (!walk.understood)
        reading_raise(reading, PART_UNREAD, "an old document of an unknown kind");
}

static enum result prepare(struct problem *problem)
{
    enum result result = cfb_prepare(problem);
    return result == RESULT_OK ? outlet_prepare(problem) : result;
}

const struct reader ole_reader = {.name = "ole", .kinds = kinds, .prepare = prepare, .read = read_ole};
