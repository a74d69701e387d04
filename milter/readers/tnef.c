/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/tnef.h"

#include "inspector/rawscan.h"
#include "readers/mapi.h"
#include "readers/outlet.h"
#include "readers/tnef_text.h"

#include <string.h>

enum {
    VALUE_ROOM_BYTES = 2048,
    PROPERTY_HEAD_MAX = 64, /* type, tag, counts, padding */
    SIGNATURE = 0x223e9f78,
    STREAM_HEADER = 6,    /* signature, key */
    ATTRIBUTE_HEADER = 9, /* level, identity, size; a checksum follows the data */
    CHECKSUM = 2,
    NAME_ROOM_BYTES = 512,
    CODEPAGE_BYTES_MAX = 8,
    IID_BYTES = 16,
    ASIDE_MAX = 16 * 1024,
    ASIDE_OF_ATTACHMENT = 8 * 1024, /* drawings of its icon */
    ASIDE_LEAST = 16,               /* what is smaller is no file */
};

enum level { LEVEL_MESSAGE = 1, LEVEL_ATTACHMENT = 2 };

/* 2.1.3: type and number together. */
enum attribute {
    ATTRIBUTE_SUBJECT = 0x00018004,
    ATTRIBUTE_BODY = 0x0002800c,
    ATTRIBUTE_CODEPAGE = 0x00069007,
    ATTRIBUTE_MESSAGE = 0x00069003,
    ATTRIBUTE_RENDERING = 0x00069002, /* starts an attachment */
    ATTRIBUTE_TITLE = 0x00018010,
    ATTRIBUTE_DATA = 0x0006800f,
    ATTRIBUTE_ATTACHMENT = 0x00069005,
};

struct tnef {
    struct reading *reading;
    struct bytes all;
    unsigned codepage; /* of bytes that say none */
    struct tnef_string subject, plain, html;
    struct bytes rtf;
    struct tnef_text text;
    uint64_t aside;
    unsigned n_attachments;
    /* The attachment that is being read. */
    bool open, closed;
    char title[NAME_ROOM_BYTES], name[NAME_ROOM_BYTES];
    struct bytes data, object;
};

static const char *const kinds[] = {"application/vnd.ms-tnef", "application/ms-tnef", NULL};

static void say_message(struct tnef *tnef)
{
    struct tnef_text *text = &tnef->text;
    if (tnef->subject.bytes.size)
        tnef_text_title(text, &tnef->subject);
    if (tnef->html.bytes.size)
        tnef_text_html(text, &tnef->html);
    if (tnef->rtf.size)
        tnef_text_rtf(text, tnef->rtf);
    if (tnef->plain.bytes.size)
        tnef_text_plain(text, &tnef->plain);
}

/* --- what no program shows */

static bool has_magic(struct bytes bytes)
{
    const char *at = (const char *)bytes.at;
    for (size_t i = 0; i + ASIDE_LEAST <= bytes.size; i++)
        if (rawscan_magic(at + i, bytes.size - i))
            return true;
    return false;
}

/* Addresses, times, keys; of an attachment its icon. There is little of it, and no file in it. */
static void put_aside(struct tnef *tnef, struct bytes bytes)
{
    tnef->aside += bytes.size;
    if (tnef->aside > ASIDE_MAX + tnef->n_attachments * (uint64_t)ASIDE_OF_ATTACHMENT)
        reading_raise(tnef->reading, PART_UNREAD, "much in it that nobody shows");
    else if (has_magic(bytes))
        reading_raise(tnef->reading, PART_UNREAD, "a file in what nobody shows");
}

/* The last of two counts, and the first has been something, too. */
static void keep(struct tnef *tnef, struct bytes *kept, struct bytes value)
{
    if (kept->size)
        put_aside(tnef, *kept);
    *kept = value;
}

/* Other values than the first. */
static bool has_more(const struct mapi_property *property)
{
    return property->whole.size - property->value.size > PROPERTY_HEAD_MAX;
}

static void end_properties(struct tnef *tnef, const struct mapi *mapi)
{
    if (mapi->damaged)
        reading_raise(tnef->reading, PART_UNREAD | PART_AMBIGUOUS, "damaged properties");
    else
        put_aside(tnef, bytes_cut(mapi->all, mapi->at, mapi->all.size));
}

/* --- attachments */

static void hand_on(struct tnef *tnef, const char *name, struct bytes bytes)
{
    if (budget_bytes(tnef->reading->budget, bytes.size))
        (void)reading_embedded(tnef->reading, name, bytes.at, bytes.size);
    else
        reading_raise(tnef->reading, PART_UNREAD, tnef->reading->budget->exhausted);
}

/* Both, when there are two: programs take one or the other. */
static void end_attachment(struct tnef *tnef)
{
    const char *name = tnef->name[0] ? tnef->name : tnef->title[0] ? tnef->title : NULL;
    bool same = tnef->data.size == tnef->object.size && tnef->data.size &&
                !memcmp(tnef->data.at, tnef->object.at, tnef->data.size);
    if (!tnef->open)
        return;
    if (tnef->data.size)
        hand_on(tnef, name, tnef->data);
    if (tnef->object.size && !same)
        hand_on(tnef, name, tnef->object);
    if (!tnef->data.size && !tnef->object.size)
        (void)reading_closed(tnef->reading, name, PART_UNREAD, "an attachment without content");
    tnef->open = false;
}

static void begin_attachment(struct tnef *tnef)
{
    end_attachment(tnef);
    tnef->open = true;
    tnef->n_attachments++;
    tnef->title[0] = tnef->name[0] = '\0';
    tnef->data = tnef->object = (struct bytes){.at = tnef->all.at};
}

static unsigned codepage_of(const struct tnef *tnef, const struct mapi_property *property)
{
    return property->type == MAPI_UNICODE ? CODEPAGE_UTF16 : tnef->codepage;
}

static void take_attached(struct tnef *tnef, const struct mapi_property *property)
{
    if (property->type == MAPI_BINARY)
        keep(tnef, &tnef->object, property->value);
    /* What follows says what it is: a message (TNEF again), a compound file. */
    else if (property->type == MAPI_OBJECT && property->value.size > IID_BYTES)
        keep(tnef, &tnef->object, bytes_cut(property->value, IID_BYTES, property->value.size - IID_BYTES));
}

static void take_attachment_property(struct tnef *tnef, const struct mapi_property *property)
{
    if (property->tag == MAPI_LONG_NAME || (property->tag == MAPI_SHORT_NAME && !tnef->name[0]))
        outlet_string(property->value.at, property->value.size, codepage_of(tnef, property), tnef->name,
                      NAME_ROOM_BYTES);
    if (property->tag == MAPI_ATTACHED)
        take_attached(tnef, property);
    if (property->tag != MAPI_ATTACHED || has_more(property))
        put_aside(tnef, property->whole);
}

static void read_attachment_properties(struct tnef *tnef, struct bytes bytes)
{
    struct mapi mapi;
    struct mapi_property property;
    mapi_open(&mapi, bytes);
    while (mapi_next(&mapi, &property) && budget_time(tnef->reading->budget))
        take_attachment_property(tnef, &property);
    end_properties(tnef, &mapi);
}

/* --- the message */

static void keep_text(struct tnef *tnef, struct tnef_string *kept, struct tnef_string text)
{
    if (kept->bytes.size)
        tnef_text_other(&tnef->text, kept);
    if (has_magic(kept->bytes))
        reading_raise(tnef->reading, PART_UNREAD, "a file in what nobody shows");
    *kept = text;
}

/* Labels among them ("msip_labels"). */
static void say_named(struct tnef *tnef, const struct mapi_property *property)
{
    char name[NAME_ROOM_BYTES], value[VALUE_ROOM_BYTES];
    outlet_string(property->name.at, property->name.size, CODEPAGE_UTF16, name, sizeof name);
    outlet_string(property->value.at, property->value.size, codepage_of(tnef, property), value, sizeof value);
    if (name[0] && value[0])
        reading_property(tnef->reading, name, value);
}

static void take_message_property(struct tnef *tnef, const struct mapi_property *property)
{
    const struct tnef_string text = {property->value, codepage_of(tnef, property)};
    bool known = true;
    if (property->tag == MAPI_SUBJECT)
        keep_text(tnef, &tnef->subject, text);
    else if (property->tag == MAPI_BODY)
        keep_text(tnef, &tnef->plain, text);
    else if (property->tag == MAPI_RTF)
        keep(tnef, &tnef->rtf, property->value);
    else if (property->tag == MAPI_HTML)
        keep(tnef, &tnef->html.bytes, property->value);
    else if (property->tag == MAPI_CODEPAGE && property->type == MAPI_NUMBER)
        tnef->html.codepage = bytes_u32(property->value, 0);
    else
        known = false;
    if (!known && property->name.size && (property->type == MAPI_STRING || property->type == MAPI_UNICODE))
        say_named(tnef, property);
    if (!known || has_more(property))
        put_aside(tnef, property->whole);
}

static void read_message_properties(struct tnef *tnef, struct bytes bytes)
{
    struct mapi mapi;
    struct mapi_property property;
    mapi_open(&mapi, bytes);
    while (mapi_next(&mapi, &property) && budget_time(tnef->reading->budget))
        take_message_property(tnef, &property);
    end_properties(tnef, &mapi);
}

static void take_attribute(struct tnef *tnef, uint32_t attribute, struct bytes data)
{
    const struct tnef_string text = {data, 0};
    if (attribute == ATTRIBUTE_CODEPAGE && data.size >= 4 && data.size <= CODEPAGE_BYTES_MAX)
        tnef->codepage = bytes_u32(data, 0);
    else if (attribute == ATTRIBUTE_SUBJECT)
        keep_text(tnef, &tnef->subject, text);
    else if (attribute == ATTRIBUTE_BODY)
        keep_text(tnef, &tnef->plain, text);
    else if (attribute == ATTRIBUTE_MESSAGE)
        read_message_properties(tnef, data);
    else if (attribute == ATTRIBUTE_TITLE && data.size < NAME_ROOM_BYTES)
        outlet_string(data.at, data.size, tnef->codepage, tnef->title, NAME_ROOM_BYTES);
    else if (attribute == ATTRIBUTE_DATA && tnef->open)
        keep(tnef, &tnef->data, data);
    else if (attribute == ATTRIBUTE_ATTACHMENT)
        read_attachment_properties(tnef, data);
    else
        put_aside(tnef, data);
    if (attribute == ATTRIBUTE_RENDERING)
        begin_attachment(tnef);
}

static uint16_t sum(struct bytes bytes)
{
    uint16_t total = 0;
    for (size_t i = 0; i < bytes.size; i++)
        total = (uint16_t)(total + bytes.at[i]);
    return total;
}

/* An attachment whose start is missing is one all the same. */
static void open_attachment(struct tnef *tnef, uint8_t level, uint32_t attribute)
{
    if (level == LEVEL_ATTACHMENT && attribute != ATTRIBUTE_RENDERING && !tnef->open)
        begin_attachment(tnef);
}

/* NULL: to its last byte. */
static const char *read_attributes(struct tnef *tnef)
{
    struct bytes all = tnef->all;
    for (uint64_t at = STREAM_HEADER; at < all.size && budget_time(tnef->reading->budget);) {
        uint8_t level = all.at[at];
        uint32_t attribute = bytes_u32(all, at + 1), size = bytes_u32(all, at + 5);
        if (level != LEVEL_MESSAGE && level != LEVEL_ATTACHMENT)
            return "bytes behind its end";
        if (!bytes_hold(all, at, (uint64_t)ATTRIBUTE_HEADER + size + CHECKSUM))
            return "cut off";
        struct bytes data = bytes_cut(all, at + ATTRIBUTE_HEADER, size);
        at += (uint64_t)ATTRIBUTE_HEADER + size + CHECKSUM;
        if (sum(data) != bytes_u16(all, at - CHECKSUM))
            reading_raise(tnef->reading, PART_UNREAD | PART_AMBIGUOUS, "a checksum that is wrong");
        open_attachment(tnef, level, attribute);
        take_attribute(tnef, attribute, data);
    }
    return NULL;
}

static void read_tnef(struct reading *reading)
{
    struct tnef tnef = {.reading = reading,
                        .all = {(const uint8_t *)reading->bytes, reading->size},
                        .codepage = CODEPAGE_LATIN,
                        .text = {.reading = reading, .codepage = CODEPAGE_LATIN}};
    if (bytes_u32(tnef.all, 0) != SIGNATURE) {
        reading_raise(reading, PART_UNREAD, "damaged");
        return;
    }
    const char *why = read_attributes(&tnef);
    if (why)
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, why);
    if (reading->budget->exhausted)
        reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
    tnef.text.codepage = tnef.codepage;
    say_message(&tnef);
    end_attachment(&tnef);
}

const struct reader tnef_reader = {
    .name = "TNEF", .kinds = kinds, .prepare = outlet_prepare, .read = read_tnef};
