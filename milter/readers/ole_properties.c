/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/ole_properties.h"

#include "readers/outlet.h"

#include <string.h>

enum {
    HEADER_BYTES = 28,
    SETS_MAX = 2,
    SET_FIELD_BYTES = 20, /* of its table: format, offset */
    PROPERTIES_MAX = 1000,
    VALUE_ROOM = 4096,
    NAME_ROOM_BYTES = 256,
    DICTIONARY = 0,
    CODEPAGE = 1,
    TYPE_I2 = 2,
    TYPE_LPSTR = 30,
    TYPE_LPWSTR = 31,
};

/* The first 4 bytes of the format's GUID. */
enum { FORMAT_SUMMARY = 0xf29f85e0, FORMAT_DOCUMENT = 0xd5cdd502, FORMAT_CUSTOM = 0xd5cdd505 };

static const struct {
    uint32_t format, id;
    const char *name;
} names[] = {{FORMAT_SUMMARY, 2, "Title"},     {FORMAT_SUMMARY, 3, "Subject"},
             {FORMAT_SUMMARY, 4, "Author"},    {FORMAT_SUMMARY, 5, "Keywords"},
             {FORMAT_SUMMARY, 6, "Comments"},  {FORMAT_SUMMARY, 8, "Last author"},
             {FORMAT_DOCUMENT, 2, "Category"}, {FORMAT_DOCUMENT, 14, "Manager"},
             {FORMAT_DOCUMENT, 15, "Company"}, {FORMAT_DOCUMENT, 27, "Status"}};

struct set {
    struct bytes bytes;
    uint32_t format, count;
    unsigned codepage;
};

/* Where a property's value is; 0: it has none. */
static uint64_t value_at(const struct set *set, uint32_t id)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (bytes_u32(set->bytes, 8 + 8 * (uint64_t)i) == id)
            return bytes_u32(set->bytes, 12 + 8 * (uint64_t)i);
    return 0;
}

/* False: it is no text. */
static bool text_of(const struct set *set, uint64_t at, char value[VALUE_ROOM])
{
    uint32_t type = bytes_u32(set->bytes, at), size = bytes_u32(set->bytes, at + 4);
    if (!at || (type != TYPE_LPSTR && type != TYPE_LPWSTR))
        return false;
    bool wide = type == TYPE_LPWSTR;
    struct bytes bytes = bytes_cut(set->bytes, at + 8, wide ? 2 * (uint64_t)size : size);
    outlet_string(bytes.at, bytes.size, wide ? CODEPAGE_UTF16 : set->codepage, value, VALUE_ROOM);
    return true;
}

static void say(struct reading *reading, const struct set *set, uint64_t at, const char *name)
{
    char value[VALUE_ROOM];
    if (text_of(set, at, value) && value[0] && name[0])
        reading_property(reading, name, value);
}

/* Names of custom properties, by their numbers ([MS-OLEPS] 2.17). */
static void say_named(struct reading *reading, const struct set *set)
{
    uint64_t at = value_at(set, DICTIONARY);
    uint32_t count = at ? bytes_u32(set->bytes, at) : 0;
    bool wide = set->codepage == CODEPAGE_UTF16;
    at += 4;
    for (uint32_t i = 0; i < count && i < PROPERTIES_MAX && bytes_hold(set->bytes, at, 8); i++) {
        char name[NAME_ROOM_BYTES];
        uint32_t id = bytes_u32(set->bytes, at);
        uint64_t size = bytes_u32(set->bytes, at + 4);
        size = wide ? (2 * size + 3) / 4 * 4 : size;
        struct bytes bytes = bytes_cut(set->bytes, at + 8, size);
        outlet_string(bytes.at, bytes.size, set->codepage, name, sizeof name);
        say(reading, set, value_at(set, id), name);
        at += 8 + size;
    }
}

static void read_set(struct reading *reading, struct set *set)
{
    uint64_t at = value_at(set, CODEPAGE);
    if (at && bytes_u16(set->bytes, at) == TYPE_I2)
        set->codepage = bytes_u16(set->bytes, at + 4);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].format == set->format)
            say(reading, set, value_at(set, names[i].id), names[i].name);
    if (set->format == FORMAT_CUSTOM)
        say_named(reading, set);
}

void ole_properties(struct reading *reading, struct bytes stream)
{
    uint32_t sets = bytes_u32(stream, 24);
    for (uint32_t i = 0; i < sets && i < SETS_MAX; i++) {
        uint64_t field = HEADER_BYTES + (uint64_t)i * SET_FIELD_BYTES, at = bytes_u32(stream, field + 16);
        struct set set = {.bytes = bytes_cut(stream, at, stream.size),
                          .format = bytes_u32(stream, field),
                          .codepage = CODEPAGE_LATIN};
        set.count = bytes_u32(set.bytes, 4);
        if (set.count > PROPERTIES_MAX) {
            reading_raise(reading, PART_UNREAD, "too many properties");
            set.count = PROPERTIES_MAX;
        }
        read_set(reading, &set);
    }
}
