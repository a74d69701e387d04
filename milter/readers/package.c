/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/package.h"

#include "inspector/image.h"
#include "readers/furniture.h"
#include "readers/part.h"
#include "readers/zip_load.h"

#include <stdlib.h>
#include <string.h>

enum {
    NAME_BYTES = 512,
    MIME_BYTES = 128,
    EMPTY_PACKED = 2, /* nothing, deflated */
    SHARED_BYTES = 64 * 1024 * 1024,
    PREVIEW_PIXELS = 512, /* a side */
};

/* Where a person meets it: by a piece of its name, the first that fits. */
static const char *const order[] = {"mimetype",
                                    "META-INF/manifest",
                                    "[Content_Types]",
                                    "docProps/",
                                    "meta.xml",
                                    "docMetadata/",
                                    "sharedStrings",
                                    "styles.xml",
                                    "xl/workbook",
                                    "word/header",
                                    "word/document",
                                    "content.xml",
                                    "worksheets/sheet",
                                    "slides/slide",
                                    "word/",
                                    "notesSlides/",
                                    "comments",
                                    "ppt/",
                                    "xl/"};

struct sorted {
    const struct zip_entry *entry;
    unsigned rank;
    char name[NAME_BYTES];
};

static const char *const odf_kinds[] = {PACKAGE_ODF_KINDS};

bool package_is_office(const struct zip *zip)
{
    return zip_find(zip, "[Content_Types].xml") || zip_find(zip, "META-INF/manifest.xml") ||
           (zip_find(zip, "mimetype") && zip_find(zip, "content.xml"));
}

static int by_rank(const void *a, const void *b)
{
    const struct sorted *one = a, *other = b;
    if (one->rank != other->rank)
        return one->rank < other->rank ? -1 : 1;
    /* "slide10" after "slide9". */
    return strverscmp(one->name, other->name);
}

static unsigned rank_of(const char *name)
{
    unsigned rank = 0;
    while (rank < sizeof order / sizeof *order && !strstr(name, order[rank]))
        rank++;
    return rank;
}

static struct sorted *sort(const struct zip *zip)
{
    struct sorted *sorted = calloc(zip->n_entries ? zip->n_entries : 1, sizeof *sorted);
    for (size_t i = 0; sorted && i < zip->n_entries; i++) {
        sorted[i].entry = &zip->entries[i];
        zip_load_name(sorted[i].entry, sorted[i].name, sizeof sorted[i].name);
        sorted[i].rank = rank_of(sorted[i].name);
    }
    if (sorted)
        qsort(sorted, zip->n_entries, sizeof *sorted, by_rank);
    return sorted;
}

static bool ends_with(const char *name, const char *end)
{
    size_t a = strlen(name), b = strlen(end);
    return a >= b && !strcasecmp(name + a - b, end);
}

/* By name for the usual ones, so that they need not be held in memory. */
static bool is_xml_by_name(const char *name)
{
    static const char *const ends[] = {".xml", ".rels", ".vml", ".rdf"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_with(name, ends[i]))
            return true;
    return false;
}

struct feeding {
    struct part part;
    struct budget *budget;
    bool ended; /* by the parser, not by the budget */
};

static bool feed(void *context, const uint8_t *bytes, size_t size)
{
    struct feeding *feeding = context;
    if (!budget_bytes(feeding->budget, size))
        return false;
    feeding->ended = !part_feed(&feeding->part, bytes, size);
    return !feeding->ended;
}

static void read_xml(struct package *package, const struct zip *zip, const struct zip_entry *entry)
{
    struct feeding *feeding = malloc(sizeof *feeding);
    if (!feeding) {
        reading_raise(package->reading, PART_UNREAD, "no memory to read it");
        return;
    }
    feeding->budget = package->reading->budget;
    feeding->ended = false;
    const char *why = part_open(&feeding->part, package);
    if (!why) {
        enum result result = zip_read(zip, entry, feed, feeding);
        bool enough = result == RESULT_NOT_FOUND && feeding->ended;
        why = enough ? NULL : zip_load_why(result, entry, feeding->budget);
    }
    bool stopped = feeding->part.stopped;
    const char *xml_why = part_close(&feeding->part);
    if (!why && !stopped)
        why = xml_why;
    if (why && !feeding->budget->exhausted)
        reading_raise(package->reading, PART_UNREAD, why);
    free(feeding);
}

static bool is_macro(const char *name)
{
    return ends_with(name, "vbaProject.bin") || !strncmp(name, "Scripts/", 8) ||
           strstr(name, "/macrosheets/") != NULL;
}

/* The first page once more, small, as programs keep it for folders. A page to be read is larger. */
static bool is_preview(const char *name, const struct buffer *buffer)
{
    static const char *const names[] = {"Thumbnails/thumbnail.png", "docProps/thumbnail.jpeg",
                                        "docProps/thumbnail.png"};
    struct image image;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (xml_is(names[i], name))
            return !image_read(buffer_text(buffer), buffer->size, &image) && image.width <= PREVIEW_PIXELS &&
                   image.height <= PREVIEW_PIXELS;
    return false;
}

static void read_binary(struct package *package, const char *name, const struct buffer *buffer)
{
    struct reading *reading = package->reading;
    const char *base = strrchr(name, '/');
    if (!buffer->size || furniture_is(name, buffer_text(buffer), buffer->size) || is_preview(name, buffer))
        return;
    if (is_macro(name))
        reading_raise(reading, PART_MACRO, "a macro");
    (void)reading_embedded(reading, base ? base + 1 : name, buffer_text(buffer), buffer->size);
}

static void read_mimetype(struct reading *reading, const struct buffer *buffer)
{
    for (size_t i = 0; i < sizeof odf_kinds / sizeof *odf_kinds; i++)
        if (buffer->size < MIME_BYTES && xml_is(odf_kinds[i], buffer_text(buffer)))
            reading_kind(reading, odf_kinds[i]);
}

static void read_other(struct package *package, const struct zip *zip, const struct sorted *sorted)
{
    struct reading *reading = package->reading;
    struct buffer buffer;
    zip_load_buffer(&buffer);
    const char *why = zip_load(reading, zip, sorted->entry, &buffer);
    bool first = xml_is(sorted->name, "mimetype");
    if (why && !reading->budget->exhausted)
        reading_raise(reading, PART_UNREAD, why);
    if (first)
        read_mimetype(reading, &buffer);
    else if (!reading->budget->exhausted)
        read_binary(package, sorted->name, &buffer);
    buffer_free(&buffer);
}

/* Entries of an encrypted ODF package look like damaged ones; its manifest is in clear and comes first. */
static void read_entries(struct package *package, const struct zip *zip, const struct sorted *sorted)
{
    struct reading *reading = package->reading;
    for (size_t i = 0; i < zip->n_entries && !reading->budget->exhausted; i++) {
        if (package->encrypted) {
            reading_raise(reading, PART_UNREAD, "password");
            return;
        }
        /* Folders, and files of settings that are there without saying anything. */
        if (!sorted[i].entry->size && sorted[i].entry->packed <= EMPTY_PACKED &&
            budget_entry(reading->budget))
            continue;
        if (is_xml_by_name(sorted[i].name))
            read_xml(package, zip, sorted[i].entry);
        else
            read_other(package, zip, &sorted[i]);
    }
    if (reading->budget->exhausted)
        reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
}

void package_read(struct reading *reading, const struct zip *zip)
{
    struct package package = {.reading = reading};
    buffer_init(&package.strings.text, SHARED_BYTES);
    buffer_init(&package.strings.offsets, SHARED_BYTES);
    buffer_init(&package.strings.used, SHARED_BYTES);
    struct sorted *sorted = sort(zip);
    if (!sorted)
        reading_raise(reading, PART_UNREAD, "no memory for its directory");
    else
        read_entries(&package, zip, sorted);
    if (!reading->budget->exhausted)
        sheet_show_unused(&package);
    free(sorted);
    buffer_free(&package.strings.text);
    buffer_free(&package.strings.offsets);
    buffer_free(&package.strings.used);
}
