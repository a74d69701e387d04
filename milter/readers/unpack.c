/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/unpack.h"

#include "base/buffer.h"
#include "readers/furniture.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char damaged[] = "a damaged archive, or packed in an unknown way";

enum { PIECE = 64 * 1024 };

typedef int enable_function(struct archive *archive);

/* For a compressed file: bidding is off, or gzip in gzip in gzip would be peeled without being counted. */
static const struct {
    enum unpack_format format;
    enable_function *enable; /* returns ARCHIVE_WARN where a program would do the work */
    int filter;              /* ARCHIVE_FILTER_*; 0: a format */
} formats[] = {
    {UNPACK_ZIP, archive_read_support_format_zip_seekable, 0},
    {UNPACK_ZIP_STREAM, archive_read_support_format_zip_streamable, 0},
    {UNPACK_7ZIP, archive_read_support_format_7zip, 0},
    {UNPACK_TAR, archive_read_support_format_tar, 0},
    {UNPACK_RAR, archive_read_support_format_rar, 0},
    {UNPACK_RAR5, archive_read_support_format_rar5, 0},
    {UNPACK_CAB, archive_read_support_format_cab, 0},
    {UNPACK_GZIP, archive_read_support_filter_gzip, ARCHIVE_FILTER_GZIP},
    {UNPACK_BZIP2, archive_read_support_filter_bzip2, ARCHIVE_FILTER_BZIP2},
    {UNPACK_XZ, archive_read_support_filter_xz, ARCHIVE_FILTER_XZ},
    {UNPACK_LZMA, archive_read_support_filter_lzma, ARCHIVE_FILTER_LZMA},
    {UNPACK_LZ4, archive_read_support_filter_lz4, ARCHIVE_FILTER_LZ4},
    {UNPACK_ZSTD, archive_read_support_filter_zstd, ARCHIVE_FILTER_ZSTD},
};

enum { FORMATS = sizeof formats / sizeof *formats };

struct unpacking {
    struct reading *reading;
    struct archive *archive;
    const char *only_name;
    struct buffer bytes; /* of one entry */
};

enum result unpack_prepare(struct problem *problem)
{
    enum result result = RESULT_OK;
    /* Archives note local time: without TZ the C library looks at /etc/localtime again for each file. */
    if (setenv("TZ", "UTC0", 1) != 0)
        return problem_set(problem, RESULT_TRY_LATER, "libarchive: no memory");
    tzset();
    struct archive *archive = archive_read_new();
    if (!archive)
        return problem_set(problem, RESULT_TRY_LATER, "libarchive: no memory");
    for (size_t i = 0; i < FORMATS && result == RESULT_OK; i++)
        if (formats[i].enable(archive) != ARCHIVE_OK)
            result = problem_set(problem, RESULT_BUG, "libarchive: format %zu is not built in", i);
    (void)archive_read_free(archive);
    return result;
}

static bool open_archive(struct archive *archive, size_t at, const struct reading *reading)
{
    int status;
    if (formats[at].filter) {
        status = archive_read_append_filter(archive, formats[at].filter);
        if (status == ARCHIVE_OK)
            status = archive_read_set_format(archive, ARCHIVE_FORMAT_RAW);
    } else {
        status = formats[at].enable(archive);
    }
    if (status == ARCHIVE_OK && formats[at].format == UNPACK_TAR)
        status = archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1");
    return status == ARCHIVE_OK &&
           archive_read_open_memory(archive, reading->bytes, reading->size) >= ARCHIVE_WARN;
}

static const char *name_of(struct unpacking *unpacking, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);
    if (!name)
        name = archive_entry_pathname(entry);
    /* What libarchive calls a file whose name it was not told. */
    if (unpacking->only_name && (!name || !strcmp(name, "data")))
        return unpacking->only_name;
    return name;
}

/* Extractors put such a file somewhere else, under another name, or not at all. */
static bool leaves_the_archive(const char *name)
{
    bool drive = name && name[0] && name[1] == ':';
    if (!name || drive || *name == '/' || *name == '\\')
        return name != NULL;
    for (const char *at = name; (at = strstr(at, "..")); at += 2) {
        bool starts = at == name || at[-1] == '/' || at[-1] == '\\';
        if (starts && (at[2] == '\0' || at[2] == '/' || at[2] == '\\'))
            return true;
    }
    return false;
}

/* NULL: appended; else why not. bytes: NULL for zeros. */
static const char *append(struct unpacking *unpacking, const char *bytes, uint64_t size)
{
    static const char zeros[PIECE];
    while (size) {
        size_t some = size < PIECE ? (size_t)size : PIECE;
        if (!budget_bytes(unpacking->reading->budget, some))
            return unpacking->reading->budget->exhausted;
        buffer_append(&unpacking->bytes, bytes ? bytes : zeros, some);
        if (unpacking->bytes.failed)
            return "a packed file too big to be read";
        bytes = bytes ? bytes + some : NULL;
        size -= some;
    }
    return NULL;
}

/* Why the entry's bytes are not whole; NULL when they are. What came before an error was appended: a lenient
 * program shows it. */
static const char *read_bytes(struct unpacking *unpacking)
{
    const char *damage = NULL;
    for (;;) {
        const void *block = NULL;
        size_t size = 0;
        la_int64_t at = 0;
        int status = archive_read_data_block(unpacking->archive, &block, &size, &at);
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN && status != ARCHIVE_EOF)
            return damaged;
        if (status == ARCHIVE_WARN)
            damage = damaged;
        uint64_t have = unpacking->bytes.size, hole = at > 0 && (uint64_t)at > have ? (uint64_t)at - have : 0;
        const char *why = append(unpacking, NULL, hole);
        if (!why && status != ARCHIVE_EOF)
            why = append(unpacking, block, size);
        if (why || status == ARCHIVE_EOF)
            return why ? why : damage;
    }
}

/* False: stop. */
static bool hand_on(struct unpacking *unpacking, struct archive_entry *entry, const char *name)
{
    struct reading *reading = unpacking->reading;
    if (archive_entry_is_encrypted(entry))
        return reading_closed(reading, name, PART_UNREAD, "password");
    /* The entry may have bytes all the same, which the next program sees. */
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
        return reading_closed(reading, name, PART_UNREAD, "an entry of an archive that is no plain file");
    buffer_clear(&unpacking->bytes);
    const char *why = read_bytes(unpacking);
    if (why && unpacking->bytes.size == 0 && !reading->budget->exhausted)
        return reading_closed(reading, name, PART_UNREAD, why);
    if (why)
        reading_raise(reading, PART_UNREAD, why);
    if (reading->budget->exhausted)
        return false;
    if (!why && furniture_is(name, buffer_text(&unpacking->bytes), unpacking->bytes.size))
        return budget_entry(reading->budget);
    return reading_embedded(reading, name, buffer_text(&unpacking->bytes), unpacking->bytes.size);
}

static bool take_entry(struct unpacking *unpacking, struct archive_entry *entry)
{
    const char *name = name_of(unpacking, entry);
    if (leaves_the_archive(name))
        reading_raise(unpacking->reading, PART_AMBIGUOUS, "a file name that leaves the archive");
    if (archive_entry_filetype(entry) == AE_IFDIR && archive_entry_size(entry) == 0) {
        /* Folders cost time, too. */
        if (budget_entry(unpacking->reading->budget))
            return true;
        reading_raise(unpacking->reading, PART_UNREAD, unpacking->reading->budget->exhausted);
        return false;
    }
    return hand_on(unpacking, entry, name);
}

static void walk(struct unpacking *unpacking)
{
    struct archive_entry *entry;
    int status = ARCHIVE_OK;
    bool more = true;
    while (more) {
        /* libarchive calls exit() where it finds ENOMEM beside a name that it cannot convert, however old
         * that is. */
        errno = 0;
        status = archive_read_next_header(unpacking->archive, &entry);
        errno = 0;
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
            break;
        more = take_entry(unpacking, entry);
    }
    if (!more || status == ARCHIVE_EOF)
        return;
    if (archive_read_has_encrypted_entries(unpacking->archive) > 0)
        reading_raise(unpacking->reading, PART_UNREAD, "password");
    else
        reading_raise(unpacking->reading, PART_UNREAD, "a damaged archive");
}

static size_t place_of(enum unpack_format format)
{
    size_t at = 0;
    while (at < FORMATS - 1 && formats[at].format != format)
        at++;
    return at;
}

uint64_t unpack_all(struct reading *reading, enum unpack_format format, const char *only_name)
{
    struct unpacking unpacking = {.reading = reading, .only_name = only_name};
    uint64_t used = reading->size;
    buffer_init(&unpacking.bytes, BUDGET_DOCUMENT_MAX);
    unpacking.archive = archive_read_new();
    if (!unpacking.archive || !open_archive(unpacking.archive, place_of(format), reading)) {
        reading_raise(reading, PART_UNREAD, "not the archive that it seems to be");
    } else {
        walk(&unpacking);
        la_int64_t taken = archive_filter_bytes(unpacking.archive, -1);
        if (taken >= 0 && (uint64_t)taken < used && !reading->budget->exhausted)
            used = (uint64_t)taken;
    }
    if (unpacking.archive)
        (void)archive_read_free(unpacking.archive);
    buffer_free(&unpacking.bytes);
    return used;
}
