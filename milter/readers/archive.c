/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/archive.h"
#include "readers/bytes.h"

#include "readers/rar.h"
#include "readers/unpack.h"

#include <string.h>

enum { SEVEN_ZIP_HEADER = 32, CAB_SIZE_AT = 8 };

static const char *const kinds[] = {"application/x-7z-compressed",
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
        reading_raise(reading, PART_UNREAD, "password");
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
    } forms[] = {{"application/x-7z-compressed", read_7zip},
                 {"application/x-tar", read_tar},
                 {"application/x-gtar", read_tar},
                 {"application/x-ustar", read_tar},
                 {"application/x-rar", read_rar},
                 {"application/vnd.rar", read_rar},
                 {"application/vnd.ms-cab-compressed", read_cab}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (!strcmp(forms[i].kind, reading->kind)) {
            forms[i].read(reading);
            return;
        }
}

const struct reader archive_reader = {
    .name = "archive", .kinds = kinds, .prepare = unpack_prepare, .read = read_archive};
