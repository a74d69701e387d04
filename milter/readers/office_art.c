/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/office_art.h"

#include "readers/deflated.h"

enum {
    CONTAINER = 0xf,
    STORE_ENTRY = 0xf007,
    STORE_ENTRY_BYTES = 36,
    BLIP_FIRST = 0xf018,
    BLIP_LAST = 0xf117,
    EMF = 0xf01a,
    PICT = 0xf01c,
    UID_BYTES = 16,
    METAFILE_HEAD = 34,
    DEPTH_MAX = 16,
    NAMED = 0x66,
};

bool office_art_next(struct bytes bytes, uint64_t *at, struct office_art_record *record_out)
{
    if (!bytes_hold(bytes, *at, OFFICE_ART_HEAD))
        return false;
    uint64_t size = bytes_u32(bytes, *at + 4);
    unsigned head = bytes_u16(bytes, *at);
    *record_out = (struct office_art_record){.version = head & 0xf,
                                             .instance = head >> 4,
                                             .kind = bytes_u16(bytes, *at + 2),
                                             .body = bytes_cut(bytes, *at + OFFICE_ART_HEAD, size)};
    record_out->whole = record_out->body.size == size;
    *at += OFFICE_ART_HEAD + size;
    return true;
}

/* One or two digests, then the picture: which it is, the instance tells by its lowest bit. */
static void picture(struct reading *reading, const struct office_art_record *record)
{
    uint64_t at = record->instance & 1 ? 2 * UID_BYTES : UID_BYTES;
    if (record->kind >= EMF && record->kind <= PICT) {
        bool packed = bytes_little(record->body, at + METAFILE_HEAD - 2, 1) == 0;
        struct bytes bytes = bytes_cut(record->body, at + METAFILE_HEAD, record->body.size);
        if (packed)
            deflated_embedded(reading, bytes, "a damaged picture");
        else if (bytes.size)
            (void)reading_embedded(reading, NULL, bytes.at, bytes.size);
        return;
    }
    struct bytes bytes = bytes_cut(record->body, at + 1, record->body.size);
    if (bytes.size)
        (void)reading_embedded(reading, NULL, bytes.at, bytes.size);
}

static void pictures(struct reading *reading, struct bytes bytes, unsigned depth)
{
    struct office_art_record record;
    uint64_t at = 0;
    while (budget_time(reading->budget) && office_art_next(bytes, &at, &record)) {
        if (!record.whole)
            reading_raise(reading, PART_UNREAD, "a damaged picture");
        if (record.version == CONTAINER && depth < DEPTH_MAX)
            pictures(reading, record.body, depth + 1);
        else if (record.kind == STORE_ENTRY) {
            uint64_t name = bytes_little(record.body, STORE_ENTRY_BYTES - 3, 1);
            pictures(reading, bytes_cut(record.body, STORE_ENTRY_BYTES + name, record.body.size), depth + 1);
        } else if (record.kind >= BLIP_FIRST && record.kind <= BLIP_LAST && record.body.size > 2 * UID_BYTES)
            picture(reading, &record);
    }
}

void office_art_pictures(struct reading *reading, struct bytes bytes)
{
    pictures(reading, bytes, 0);
}

void office_art_word_data(struct reading *reading, struct bytes bytes)
{
    for (uint64_t at = 0; bytes_hold(bytes, at, 8) && budget_time(reading->budget);) {
        uint64_t size = bytes_u32(bytes, at), head = bytes_u16(bytes, at + 4);
        if (size < head || head < 8 || !bytes_hold(bytes, at, size))
            return;
        if (bytes_u16(bytes, at + 6) == NAMED)
            head += 1 + bytes_little(bytes, at + head, 1);
        pictures(reading, bytes_cut(bytes_cut(bytes, at, size), head, size), 0);
        at += size;
    }
}
