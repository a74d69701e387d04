/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/name.h"
#include "readers/archive.h"
#include "readers/furniture.h"
#include "readers/package.h"
#include "readers/unpack.h"
#include "readers/xml.h"
#include "readers/zip_load.h"

#include <string.h>

enum { ENTRIES_MAX = 65536 }; /* of one directory; the budget's own limit is lower */

/* What libmagic calls the kinds of ZIP that it knows. */
static const char *const kinds[] = {
    "application/zip",
    "application/x-zip-compressed",
    "application/java-archive",
    "application/epub+zip",
    "application/vnd.android.package-archive",
    "application/vnd.openxmlformats-officedocument",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    PACKAGE_ODF_KINDS,
    "application/vnd.oasis.opendocument.base",
    NULL};

static bool hand_entry_on(struct reading *reading, const struct zip *zip, const struct zip_entry *entry,
                          struct buffer *buffer)
{
    char name[NAME_ROOM];
    zip_load_name(entry, name, sizeof name);
    struct bytes whole = entry->name;
    bool folder = entry->size == 0 && whole.size && whole.at[whole.size - 1] == '/';
    if (folder)
        return budget_entry(reading->budget);
    const char *why = zip_load(reading, zip, entry, buffer);
    if (reading->budget->exhausted)
        return false;
    if (why && !buffer->size)
        return reading_closed(reading, name, PART_UNREAD, why);
    if (why)
        reading_raise(reading, PART_UNREAD, why);
    if (!why && furniture_is(name, buffer_text(buffer), buffer->size))
        return budget_entry(reading->budget);
    return reading_embedded(reading, name, buffer_text(buffer), buffer->size);
}

/* As its directory has it, by our own reading: libarchive believes the record before the bytes. */
static void read_by_directory(struct reading *reading, const struct zip *zip)
{
    struct buffer buffer;
    bool more = true;
    zip_load_buffer(&buffer);
    for (size_t i = 0; i < zip->n_entries && more; i++)
        more = hand_entry_on(reading, zip, &zip->entries[i], &buffer);
    buffer_free(&buffer);
    if (reading->budget->exhausted)
        reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
}

/* Entries that only what stands before them tells of. */
static void read_other_way(struct reading *reading)
{
    if (!reading->budget->exhausted)
        (void)unpack_all(reading, UNPACK_ZIP_STREAM, NULL);
}

static void read_opened(struct reading *reading, const struct zip *zip)
{
    bool office = package_is_office(zip), odd = zip->odd || zip->too_many;
    if (odd)
        reading_raise(reading, PART_UNREAD | (zip->odd ? PART_AMBIGUOUS : 0),
                      zip->odd ? zip->odd : "too many files in it");
    if (office)
        package_read(reading, zip);
    else if (odd)
        read_by_directory(reading, zip);
    else
        (void)unpack_all(reading, UNPACK_ZIP, NULL);
    if (odd)
        read_other_way(reading);
}

static void read_zip(struct reading *reading)
{
    struct zip zip;
    switch (zip_open((struct bytes){(const uint8_t *)reading->bytes, reading->size}, ENTRIES_MAX, &zip)) {
    case RESULT_OK:
        read_opened(reading, &zip);
        zip_close(&zip);
        break;
    case RESULT_TRY_LATER:
        reading_raise(reading, PART_UNREAD, "no memory for its directory");
        break;
    case RESULT_BAD_INPUT:
    case RESULT_NOT_FOUND:
    case RESULT_UNCERTAIN:
    case RESULT_BUG:
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, "an archive without a directory");
        read_other_way(reading);
        break;
    }
}

static enum result prepare(struct problem *problem)
{
    zip_prepare();
    enum result result = unpack_prepare(problem);
    return result == RESULT_OK ? xml_prepare(problem) : result;
}

const struct reader zipped_reader = {.name = "zipped", .kinds = kinds, .prepare = prepare, .read = read_zip};
