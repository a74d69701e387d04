/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/zip.h"

#include "inspector/polyglot.h"

#include <stdlib.h>
#include <string.h>

enum {
    LOCAL = 0x04034b50,
    CENTRAL = 0x02014b50,
    END = 0x06054b50,
    END64 = 0x06064b50,
    LOCATOR64 = 0x07064b50,
    DESCRIPTOR = 0x08074b50,

    LOCAL_BYTES = 30,
    CENTRAL_BYTES = 46,
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR64_BYTES = 20,
    COMMENT_MAX = 0xffff,

    FLAG_ENCRYPTED = 1,
    FLAG_DESCRIPTOR = 8,
    FLAG_STRONG = 64,
    FLAG_UTF8 = 0x800,
    FLAG_MASKED = 0x2000, /* values of the local header are hidden */

    EXTRA_SIZES64 = 0x0001,
    EXTRA_NAME = 0x7075,

    MADE_ON_UNIX = 3,
    UNIX_KIND = 0170000,
    UNIX_LINK = 0120000,
};

static void odd(struct zip *zip, const char *why)
{
    if (!zip->odd)
        zip->odd = why;
}

/* Comments and fields for other programs hold notes of a few bytes. */
static void look_at_notes(struct zip *zip, uint64_t at, uint64_t size)
{
    struct bytes notes = bytes_cut(zip->bytes, at, size);
    if (polyglot_holds_file(notes.at, notes.size))
        odd(zip, "a file among the notes of an archive");
}

/* The last one counts for most programs; one that stands before it and covers it with its comment counts for
 * those that look for an end which fits. */
static bool find_end(struct zip *zip)
{
    struct bytes bytes = zip->bytes;
    if (bytes.size < END_BYTES)
        return false;
    uint64_t last = bytes.size - END_BYTES, least = last > COMMENT_MAX ? last - COMMENT_MAX : 0;
    bool found = false;
    for (uint64_t at = last + 1; at-- > least;) {
        if (bytes.at[at] != 'P' || bytes_u32(bytes, at) != END)
            continue;
        bool fits = at + END_BYTES + bytes_u16(bytes, at + 20) == bytes.size;
        if (!found) {
            zip->end_at = at;
            if (!fits)
                odd(zip, "bytes after the archive's end");
        } else if (fits) {
            odd(zip, "two ends of the archive");
        }
        found = true;
    }
    return found;
}

static void take_end64(struct zip *zip, uint64_t *entries, uint64_t *size, uint64_t *at)
{
    struct bytes bytes = zip->bytes;
    uint64_t locator = zip->end_at - LOCATOR64_BYTES;
    bool wanted = *entries == 0xffff || *size == UINT32_MAX || *at == UINT32_MAX;
    if (zip->end_at < LOCATOR64_BYTES || bytes_u32(bytes, locator) != LOCATOR64) {
        if (wanted)
            odd(zip, "a directory of 64 bits that is not there");
        return;
    }
    uint64_t end64 = bytes_u64(bytes, locator + 8);
    if (end64 > locator || locator - end64 < END64_BYTES || bytes_u32(bytes, end64) != END64) {
        odd(zip, "a directory of 64 bits that is not where it should be");
        return;
    }
    uint64_t entries64 = bytes_u64(bytes, end64 + 32), size64 = bytes_u64(bytes, end64 + 40),
             at64 = bytes_u64(bytes, end64 + 48);
    if ((*entries != 0xffff && *entries != entries64) || (*size != UINT32_MAX && *size != size64) ||
        (*at != UINT32_MAX && *at != at64) || bytes_u64(bytes, end64 + 24) != entries64 ||
        bytes_u32(bytes, end64 + 16) || bytes_u64(bytes, end64 + 4) != locator - end64 - 12)
        odd(zip, "two directories, of 32 and of 64 bits");
    *entries = entries64;
    *size = size64;
    *at = at64;
    zip->end_at = end64;
}

static bool find_directory(struct zip *zip)
{
    struct bytes bytes = zip->bytes;
    if (!find_end(zip))
        return false;
    look_at_notes(zip, zip->end_at + END_BYTES, COMMENT_MAX);
    uint64_t end = zip->end_at, entries = bytes_u16(bytes, end + 10), size = bytes_u32(bytes, end + 12),
             at = bytes_u32(bytes, end + 16);
    if (bytes_u32(bytes, end + 4) || bytes_u16(bytes, end + 8) != entries)
        odd(zip, "a piece of a split archive");
    take_end64(zip, &entries, &size, &at);
    if (size > zip->end_at)
        return false;
    /* Programs that allow for bytes in front count back from the end; others believe the offset. */
    uint64_t back = zip->end_at - size;
    const uint64_t said = at;
    if (at != back)
        odd(zip, "bytes before the archive");
    if (!bytes_hold(bytes, at, size) || at > back)
        at = back;
    bool here = entries == 0 || bytes_u32(bytes, at) == CENTRAL;
    zip->directory_at = here ? at : back;
    zip->shift = zip->directory_at - said;
    zip->directory_size = zip->end_at - zip->directory_at;
    zip->promised = entries;
    return entries == 0 || bytes_u32(bytes, zip->directory_at) == CENTRAL;
}

/* The piece of an extra field with this number; its size is 0 when there is none. */
static struct bytes extra_piece(struct bytes extra, unsigned number)
{
    for (uint64_t at = 0; bytes_hold(extra, at, 4);) {
        uint64_t size = bytes_u16(extra, at + 2);
        if (bytes_u16(extra, at) == number)
            return bytes_cut(extra, at + 4, size);
        at += 4 + size;
    }
    return (struct bytes){extra.at, 0};
}

static uint64_t wide(struct bytes sizes64, uint64_t *at, uint64_t narrow)
{
    if (narrow != UINT32_MAX || !bytes_hold(sizes64, *at, 8))
        return narrow;
    *at += 8;
    return bytes_u64(sizes64, *at - 8);
}

static bool same_bytes(struct bytes a, struct bytes b)
{
    return a.size == b.size && !memcmp(a.at, b.at, a.size);
}

static struct bytes extension(struct bytes name)
{
    for (size_t i = name.size; i-- > 0 && name.at[i] != '/';)
        if (name.at[i] == '.')
            return bytes_cut(name, i, name.size);
    return bytes_cut(name, name.size, 0);
}

/* Info-ZIP writes the name a second time in UTF-8, so that names may differ in letters beyond ASCII. */
static void compare_second_name(struct zip *zip, struct bytes name, struct bytes extra)
{
    struct bytes piece = extra_piece(extra, EXTRA_NAME);
    if (piece.size <= 5)
        return;
    struct bytes second = bytes_cut(piece, 5, piece.size);
    if (!same_bytes(name, second) && !same_bytes(extension(name), extension(second)))
        odd(zip, "an entry with two names");
}

static void judge_name(struct zip *zip, const struct zip_entry *entry)
{
    struct bytes name = entry->name;
    if (!name.size || memchr(name.at, '\0', name.size))
        odd(zip, "an entry without a name, or with NUL in it");
    else if (name.at[name.size - 1] == '/' && entry->size)
        odd(zip, "a folder that holds bytes");
}

static size_t read_central(struct zip *zip, uint64_t at, struct zip_entry *entry)
{
    struct bytes bytes = zip->bytes;
    if (bytes_u32(bytes, at) != CENTRAL || !bytes_hold(bytes, at, CENTRAL_BYTES))
        return 0;
    uint64_t name = bytes_u16(bytes, at + 28), extra = bytes_u16(bytes, at + 30),
             total = CENTRAL_BYTES + name + extra + bytes_u16(bytes, at + 32);
    if (at + total > zip->end_at)
        return 0;
    struct bytes extras = bytes_cut(bytes, at + CENTRAL_BYTES + name, extra),
                 sizes64 = extra_piece(extras, EXTRA_SIZES64);
    uint64_t wide_at = 0;
    uint32_t mode = bytes_u32(bytes, at + 38) >> 16;
    bool unix_made = bytes.at[at + 5] == MADE_ON_UNIX;
    *entry = (struct zip_entry){.name = bytes_cut(bytes, at + CENTRAL_BYTES, name),
                                .flags = bytes_u16(bytes, at + 8),
                                .method = bytes_u16(bytes, at + 10),
                                .crc = bytes_u32(bytes, at + 16),
                                .link = unix_made && (mode & UNIX_KIND) == UNIX_LINK};
    entry->size = wide(sizes64, &wide_at, bytes_u32(bytes, at + 24));
    entry->packed = wide(sizes64, &wide_at, bytes_u32(bytes, at + 20));
    entry->at = wide(sizes64, &wide_at, bytes_u32(bytes, at + 42));
    if (bytes_u32(bytes, entry->at + zip->shift) == LOCAL)
        entry->at += zip->shift;
    entry->encrypted = entry->flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED);
    entry->utf8 = entry->flags & FLAG_UTF8;
    if (bytes_u16(bytes, at + 34))
        odd(zip, "a piece of a split archive");
    judge_name(zip, entry);
    compare_second_name(zip, entry->name, extras);
    look_at_notes(zip, at + CENTRAL_BYTES + name, total - CENTRAL_BYTES - name);
    return (size_t)total;
}

static void compare_sizes(struct zip *zip, const struct zip_entry *entry, struct bytes extras)
{
    struct bytes bytes = zip->bytes, sizes64 = extra_piece(extras, EXTRA_SIZES64);
    uint64_t wide_at = 0, size = wide(sizes64, &wide_at, bytes_u32(bytes, entry->at + 22)),
             packed = wide(sizes64, &wide_at, bytes_u32(bytes, entry->at + 18));
    uint32_t crc = bytes_u32(bytes, entry->at + 14);
    bool later = entry->flags & FLAG_DESCRIPTOR;
    /* A descriptor after the bytes leaves the header's values 0, or writers fill them in all the same. */
    if ((size != entry->size && !(later && (!size || size == UINT32_MAX))) ||
        (packed != entry->packed && !(later && (!packed || packed == UINT32_MAX))) ||
        (crc != entry->crc && !(later && !crc)))
        odd(zip, "an entry with two sizes");
}

static void compare_local(struct zip *zip, struct zip_entry *entry)
{
    struct bytes bytes = zip->bytes;
    const unsigned must_agree = FLAG_ENCRYPTED | FLAG_DESCRIPTOR | FLAG_STRONG | FLAG_MASKED;
    if (!bytes_hold(bytes, entry->at, LOCAL_BYTES) || bytes_u32(bytes, entry->at) != LOCAL) {
        odd(zip, "an entry that is not where the directory says");
        entry->data_at = bytes.size;
        return;
    }
    uint64_t name_size = bytes_u16(bytes, entry->at + 26), extra = bytes_u16(bytes, entry->at + 28);
    struct bytes name = bytes_cut(bytes, entry->at + LOCAL_BYTES, name_size),
                 extras = bytes_cut(bytes, entry->at + LOCAL_BYTES + name_size, extra);
    look_at_notes(zip, entry->at + LOCAL_BYTES + name_size, extra);
    entry->data_at = entry->at + LOCAL_BYTES + name_size + extra;
    if (!same_bytes(name, entry->name) && !(entry->flags & FLAG_MASKED))
        odd(zip, "an entry with two names");
    if (bytes_u16(bytes, entry->at + 8) != entry->method)
        odd(zip, "an entry packed in two ways");
    if ((bytes_u16(bytes, entry->at + 6) ^ entry->flags) & must_agree)
        odd(zip, "an entry with two sets of flags");
    compare_sizes(zip, entry, extras);
    compare_second_name(zip, entry->name, extras);
    if (!bytes_hold(bytes, entry->data_at, entry->packed) ||
        entry->data_at + entry->packed > zip->directory_at)
        odd(zip, "an entry that reaches into the directory");
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

/* The C library's sort asks once for the size of memory, which no sandboxed process may. */
void zip_prepare(void)
{
    uint64_t numbers[256] = {0};
    qsort(numbers, sizeof numbers / sizeof *numbers, sizeof *numbers, by_number);
}

static int by_place(const void *a, const void *b)
{
    const struct zip_entry *const *one = a, *const *other = b;
    return ((*one)->at > (*other)->at) - ((*one)->at < (*other)->at);
}

static int by_name(const void *a, const void *b)
{
    const struct zip_entry *one = *(const struct zip_entry *const *)a,
                           *other = *(const struct zip_entry *const *)b;
    size_t least = one->name.size < other->name.size ? one->name.size : other->name.size;
    int order = memcmp(one->name.at, other->name.at, least);
    return order ? order : (one->name.size > other->name.size) - (one->name.size < other->name.size);
}

/* Where the entry's data descriptor ends: 12 to 24 bytes, with or without a signature, of 32 or 64 bits. */
static uint64_t after_descriptor(const struct zip *zip, const struct zip_entry *entry, uint64_t next)
{
    uint64_t end = entry->data_at + entry->packed;
    if (!(entry->flags & FLAG_DESCRIPTOR))
        return end;
    for (unsigned size = 12; size <= 24; size += 4) {
        bool signature = size == 16 || size == 24, here = bytes_u32(zip->bytes, end) == DESCRIPTOR;
        if (end + size == next && here == signature &&
            bytes_u32(zip->bytes, end + (signature ? 4 : 0)) == entry->crc)
            return end + size;
    }
    return end;
}

/* Every byte before the directory belongs to one entry. */
static void judge_places(struct zip *zip, const struct zip_entry **sorted)
{
    qsort(sorted, zip->n_entries, sizeof *sorted, by_place);
    if (zip->n_entries && sorted[0]->at)
        odd(zip, "bytes before the archive");
    if (!zip->n_entries && zip->directory_at)
        odd(zip, "bytes before an empty archive");
    for (size_t i = 0; i < zip->n_entries; i++) {
        uint64_t next = i + 1 < zip->n_entries ? sorted[i + 1]->at : zip->directory_at;
        uint64_t end = after_descriptor(zip, sorted[i], next);
        if (end > next)
            odd(zip, "entries that overlap");
        else if (end < next)
            odd(zip, "bytes between entries");
    }
}

static enum result judge_entries(struct zip *zip)
{
    const struct zip_entry **sorted = calloc(zip->n_entries ? zip->n_entries : 1, sizeof *sorted);
    if (!sorted)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < zip->n_entries; i++)
        sorted[i] = &zip->entries[i];
    judge_places(zip, sorted);
    qsort(sorted, zip->n_entries, sizeof *sorted, by_name);
    for (size_t i = 1; i < zip->n_entries; i++)
        if (by_name(&sorted[i - 1], &sorted[i]) == 0)
            odd(zip, "two entries of one name");
    free(sorted);
    return RESULT_OK;
}

static enum result read_directory(struct zip *zip, size_t most)
{
    uint64_t at = zip->directory_at, room = zip->directory_size / CENTRAL_BYTES;
    if (room > most) {
        room = most;
        zip->too_many = zip->promised > most;
    }
    zip->entries = calloc(room ? (size_t)room : 1, sizeof *zip->entries);
    if (!zip->entries)
        return RESULT_TRY_LATER;
    while (at < zip->end_at && zip->n_entries < room) {
        size_t size = read_central(zip, at, &zip->entries[zip->n_entries]);
        if (!size)
            break;
        compare_local(zip, &zip->entries[zip->n_entries++]);
        at += size;
    }
    if (zip->too_many)
        return RESULT_OK;
    if (at != zip->end_at)
        odd(zip, "a directory that is not of entries alone");
    if (zip->n_entries != zip->promised)
        odd(zip, "a directory with another number of entries than it says");
    return judge_entries(zip);
}

enum result zip_open(struct bytes bytes, size_t most_entries, struct zip *zip_out)
{
    *zip_out = (struct zip){.bytes = bytes};
    if (!find_directory(zip_out))
        return RESULT_BAD_INPUT;
    enum result result = read_directory(zip_out, most_entries);
    if (result != RESULT_OK)
        zip_close(zip_out);
    return result;
}

void zip_close(struct zip *zip)
{
    free(zip->entries);
    *zip = (struct zip){0};
}

const struct zip_entry *zip_find(const struct zip *zip, const char *name)
{
    const struct bytes wanted = {(const uint8_t *)name, strlen(name)};
    for (size_t i = 0; i < zip->n_entries; i++)
        if (same_bytes(zip->entries[i].name, wanted))
            return &zip->entries[i];
    return NULL;
}
