/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/name.h"
#include "readers/archive.h"
#include "readers/bytes.h"
#include "readers/unpack.h"

#include <stdio.h>
#include <string.h>

enum { GZIP_EXTRA = 4, GZIP_NAME = 8, GZIP_COMMENT = 16, GZIP_HEADER_BYTES = 10 };

static const char *const kinds[] = {"application/gzip",    "application/x-gzip",
                                    "application/x-bzip2", "application/bzip2",
                                    "application/x-xz",    "application/x-lzma",
                                    "application/x-lz4",   "application/zstd",
                                    "application/x-zstd",  NULL};

static const enum unpack_format formats[] = {UNPACK_GZIP, UNPACK_GZIP, UNPACK_BZIP2, UNPACK_BZIP2, UNPACK_XZ,
                                             UNPACK_LZMA, UNPACK_LZ4,  UNPACK_ZSTD,  UNPACK_ZSTD};

/* "letter.odt.gz" holds "letter.odt", "all.tgz" holds "all.tar". */
static void name_within(const char *outer, char out[NAME_ROOM])
{
    static const struct {
        const char *packed, *within;
    } short_forms[] = {
        {".tgz", ".tar"}, {".tbz2", ".tar"}, {".tbz", ".tar"}, {".txz", ".tar"}, {".tzst", ".tar"}};
    name_clean(outer, out);
    char *dot = strrchr(out, '.');
    if (!dot)
        return;
    const char *extension = "";
    for (size_t i = 0; i < sizeof short_forms / sizeof *short_forms; i++)
        if (name_same_extension(out, short_forms[i].packed))
            extension = short_forms[i].within;
    (void)snprintf(dot, NAME_ROOM - (size_t)(dot - out), "%s", extension);
}

/* The name that gzip noted (RFC 1952, 2.3); NULL. */
static const char *gzip_name(struct reading *reading)
{
    struct bytes bytes = {(const uint8_t *)reading->bytes, reading->size};
    if (bytes.size <= GZIP_HEADER_BYTES)
        return NULL;
    unsigned flags = bytes.at[3];
    if (flags & (GZIP_EXTRA | GZIP_COMMENT)) {
        reading_raise(reading, PART_UNREAD, "bytes in the header of a packed file");
        return NULL;
    }
    const char *name = reading->bytes + GZIP_HEADER_BYTES;
    bool whole = memchr(name, '\0', bytes.size - GZIP_HEADER_BYTES) != NULL;
    return flags & GZIP_NAME && whole && *name ? name : NULL;
}

static void read_packed(struct reading *reading)
{
    char within[NAME_ROOM];
    size_t at = 0;
    while (kinds[at] && strcmp(kinds[at], reading->kind) != 0)
        at++;
    if (!kinds[at]) {
        reading_raise(reading, PART_UNREAD, "not a packed file");
        return;
    }
    const char *noted = formats[at] == UNPACK_GZIP ? gzip_name(reading) : NULL;
    name_within(reading->name, within);
    if (unpack_all(reading, formats[at], noted ? noted : within) < reading->size)
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, "bytes after the packed file's end");
}

const struct reader packed_reader = {
    .name = "packed", .kinds = kinds, .prepare = unpack_prepare, .read = read_packed};
