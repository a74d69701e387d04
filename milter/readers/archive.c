/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/archive.h"

#include "inspector/name.h"
#include "readers/rar.h"
#include "readers/unpack.h"
#include "readers/zip_load.h"

#include <string.h>

enum { SEVEN_ZIP_HEADER = 32, CAB_SIZE_AT = 8 };

static const char *const kinds[] = {"application/zip",
                                    "application/x-zip-compressed",
                                    "application/java-archive",
                                    "application/epub+zip",
                                    "application/vnd.android.package-archive",
                                    "application/x-7z-compressed",
                                    "application/x-tar",
                                    "application/x-gtar",
                                    "application/x-ustar",
                                    "application/x-rar",
                                    "application/vnd.rar",
                                    "application/vnd.ms-cab-compressed",
                                    NULL};

static struct bytes all_of(const struct reading *reading)
{
    return (struct bytes){(const uint8_t *)reading->bytes, reading->size};
}

static bool hand_entry_on(struct reading *reading, const struct zip *zip, const struct zip_entry *entry,
                          struct buffer *buffer)
{
    char name[NAME_ROOM];
    zip_load_name(entry, name, sizeof name);
    bool folder = entry->size == 0 && entry->name.size && name[strlen(name) - 1] == '/';
    if (folder)
        return budget_entry(reading->budget);
    const char *why = zip_load(reading, zip, entry, buffer);
    if (reading->budget->exhausted)
        return false;
    if (why && !buffer->size)
        return reading_closed(reading, name, PART_UNREAD | (entry->encrypted ? PART_OPAQUE : 0), why);
    if (why)
        reading_raise(reading, PART_UNREAD, why);
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

void archive_read_zip(struct reading *reading, const struct zip *zip)
{
    if (!zip->odd && !zip->too_many) {
        (void)unpack_all(reading, UNPACK_ZIP, NULL);
        return;
    }
    reading_raise(reading, PART_UNREAD | (zip->odd ? PART_AMBIGUOUS : 0),
                  zip->odd ? zip->odd : "too many files in it");
    read_by_directory(reading, zip);
    if (!reading->budget->exhausted)
        (void)unpack_all(reading, UNPACK_ZIP_STREAM, NULL);
}

static void read_zip(struct reading *reading)
{
    struct zip zip;
    switch (zip_open(all_of(reading), ARCHIVE_ENTRIES_MAX, &zip)) {
    case RESULT_OK:
        archive_read_zip(reading, &zip);
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
        (void)unpack_all(reading, UNPACK_ZIP_STREAM, NULL);
        break;
    }
}

/* The signature header (7zFormat.txt) says where the directory is, and the directory ends the file. */
static void read_7zip(struct reading *reading)
{
    struct bytes bytes = all_of(reading);
    uint64_t at = bytes_u64(bytes, 12), size = bytes_u64(bytes, 20);
    if (at < bytes.size && size < bytes.size && SEVEN_ZIP_HEADER + at + size < bytes.size)
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, "bytes after the archive's end");
    (void)unpack_all(reading, UNPACK_7ZIP, NULL);
}

static void read_cab(struct reading *reading)
{
    struct bytes bytes = all_of(reading);
    if (bytes_u32(bytes, CAB_SIZE_AT) < bytes.size)
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, "bytes after the archive's end");
    (void)unpack_all(reading, UNPACK_CAB, NULL);
}

/* Tapes are padded with zeros. */
static void read_tar(struct reading *reading)
{
    uint64_t used = unpack_all(reading, UNPACK_TAR, NULL);
    while (used < reading->size && reading->bytes[used] == '\0')
        used++;
    if (used < reading->size)
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, "bytes after the archive's end");
}

static void read_rar(struct reading *reading)
{
    struct rar rar = rar_look(all_of(reading));
    if (rar.locked) {
        reading_raise(reading, PART_UNREAD | PART_OPAQUE, "password");
        return;
    }
    if (rar.end_at < reading->size)
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, "bytes after the archive's end");
    (void)unpack_all(reading, rar.is_five ? UNPACK_RAR5 : UNPACK_RAR, NULL);
}

static void read_archive(struct reading *reading)
{
    static const struct {
        const char *kind;
        void (*read)(struct reading *reading);
    } others[] = {{"application/x-7z-compressed", read_7zip},
                  {"application/x-tar", read_tar},
                  {"application/x-gtar", read_tar},
                  {"application/x-ustar", read_tar},
                  {"application/x-rar", read_rar},
                  {"application/vnd.rar", read_rar},
                  {"application/vnd.ms-cab-compressed", read_cab}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(others[i].kind, reading->kind)) {
            others[i].read(reading);
            return;
        }
    read_zip(reading);
}

static enum result prepare(struct problem *problem)
{
    zip_prepare();
    return unpack_prepare(problem);
}

const struct reader archive_reader = {
    .name = "archive", .kinds = kinds, .prepare = prepare, .read = read_archive};
