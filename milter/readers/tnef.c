/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/tnef.h"

#include "base/buffer.h"
#include "inspector/html.h"
#include "readers/lzfu.h"
#include "readers/mapi.h"
#include "readers/outlet.h"
#include "readers/rtf.h"

#include <string.h>

enum {
    SIGNATURE = 0x223e9f78,
    STREAM_HEADER = 6,    /* signature, key */
    ATTRIBUTE_HEADER = 9, /* level, identity, size; a checksum follows the data */
    CHECKSUM = 2,
    NAME_ROOM_BYTES = 512,
    IID_BYTES = 16,
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

struct text {
    struct bytes bytes;
    unsigned codepage;
};

struct tnef {
    struct reading *reading;
    struct bytes all;
    unsigned codepage; /* of bytes that say none */
    struct text subject, plain, html;
    struct bytes rtf;
    bool told; /* one form of the text */
    /* The attachment that is being read. */
    bool open, closed;
    char title[NAME_ROOM_BYTES], name[NAME_ROOM_BYTES];
    struct bytes data, object;
};

static const char *const kinds[] = {"application/vnd.ms-tnef", "application/ms-tnef", NULL};

/* --- what is said */

static void hide_text(void *context, enum text_place place, const char *utf8, size_t size)
{
    const struct reading *outer = context;
    (void)place;
    outer->listener->text(outer->context, TEXT_HIDDEN, utf8, size);
}

static void hide_property(void *context, const char *name, const char *value)
{
    const struct reading *outer = context;
    outer->listener->property(outer->context, name, value);
}

static void hide_embedded(void *context, const char *name, const void *bytes, size_t size)
{
    const struct reading *outer = context;
    outer->listener->embedded(outer->context, name, bytes, size);
}

static void hide_closed(void *context, const char *name, unsigned flags, const char *why)
{
    const struct reading *outer = context;
    outer->listener->closed(outer->context, name, flags, why);
}

static void hide_raise(void *context, unsigned flags, const char *why)
{
    const struct reading *outer = context;
    outer->listener->raise(outer->context, flags, why);
}

/* The message is no document of the kind that its text has. */
static void hide_kind(void *context, const char *kind)
{
    (void)context;
    (void)kind;
}

static void show_text(void *context, enum text_place place, const char *utf8, size_t size)
{
    const struct reading *outer = context;
    outer->listener->text(outer->context, place, utf8, size);
}

static const struct reading_listener hidden = {hide_text,   hide_property, hide_embedded,
                                               hide_closed, hide_raise,    hide_kind};
static const struct reading_listener shown = {show_text,   hide_property, hide_embedded,
                                              hide_closed, hide_raise,    hide_kind};

/* Text of another kind, in place; the first form of it counts. bytes: a NUL stands behind them. */
static void read_as(struct tnef *tnef, const struct reader *reader, const char *bytes, size_t size,
                    const char *charset)
{
    struct reading inner = *tnef->reading;
    inner.bytes = bytes;
    inner.size = size;
    inner.charset = charset;
    inner.conversation = true;
    inner.listener = tnef->told ? &hidden : &shown;
    inner.context = tnef->reading;
    tnef->told = true;
    reader->read(&inner);
}

static void say(struct tnef *tnef, enum text_place place, const struct text *text)
{
    struct outlet outlet;
    struct bytes bytes = text->bytes;
    unsigned wide = text->codepage == CODEPAGE_UTF16 ? 2 : 1;
    while (bytes.size >= wide && !bytes_little(bytes, bytes.size - wide, wide))
        bytes.size -= wide;
    outlet_open(&outlet, tnef->reading, place);
    outlet_codepage(&outlet, text->codepage ? text->codepage : tnef->codepage, bytes.at, bytes.size);
    outlet_put(&outlet, '\n');
    outlet_flush(&outlet);
}

static const char *charset_of(unsigned codepage)
{
    static const struct {
        unsigned codepage;
        const char *charset;
    } names[] = {{65001, "utf-8"},       {20127, "us-ascii"},    {1252, "windows-1252"},
                 {1256, "windows-1256"}, {1250, "windows-1250"}, {1251, "windows-1251"},
                 {1254, "windows-1254"}, {28591, "iso-8859-1"},  {28596, "iso-8859-6"},
                 {28605, "iso-8859-15"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].codepage == codepage)
            return names[i].charset;
    return "";
}

static void say_html(struct tnef *tnef)
{
    struct buffer copy;
    buffer_init(&copy, BUDGET_DOCUMENT_MAX);
    buffer_append(&copy, tnef->html.bytes.at, tnef->html.bytes.size);
    read_as(tnef, &html_reader, buffer_text(&copy), copy.size, charset_of(tnef->html.codepage));
    buffer_free(&copy);
}

static void say_rtf(struct tnef *tnef)
{
    struct buffer rtf;
    uint32_t size = bytes_u32(tnef->rtf, 4);
    if (!budget_bytes(tnef->reading->budget, size)) {
        reading_raise(tnef->reading, PART_UNREAD, tnef->reading->budget->exhausted);
        return;
    }
    buffer_init(&rtf, BUDGET_DOCUMENT_MAX);
    const char *why = lzfu_unpack(tnef->rtf, &rtf);
    if (why)
        reading_raise(tnef->reading, PART_UNREAD | PART_AMBIGUOUS, "damaged text");
    if (rtf.size)
        read_as(tnef, &rtf_reader, buffer_text(&rtf), rtf.size, "");
    buffer_free(&rtf);
}

static void say_message(struct tnef *tnef)
{
    if (tnef->subject.bytes.size)
        say(tnef, TEXT_TITLE, &tnef->subject);
    if (tnef->html.bytes.size)
        say_html(tnef);
    if (tnef->rtf.size)
        say_rtf(tnef);
    if (tnef->plain.bytes.size)
        say(tnef, tnef->told ? TEXT_HIDDEN : TEXT_BODY, &tnef->plain);
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
        tnef->object = property->value;
    /* What follows says what it is: a message (TNEF again), a compound file. */
    else if (property->type == MAPI_OBJECT && property->value.size > IID_BYTES)
        tnef->object = bytes_cut(property->value, IID_BYTES, property->value.size - IID_BYTES);
}

static void read_attachment_properties(struct tnef *tnef, struct bytes bytes)
{
    struct mapi mapi;
    struct mapi_property property;
    mapi_open(&mapi, bytes);
    while (mapi_next(&mapi, &property) && budget_time(tnef->reading->budget)) {
        if (property.tag == MAPI_LONG_NAME || (property.tag == MAPI_SHORT_NAME && !tnef->name[0]))
            outlet_string(property.value.at, property.value.size, codepage_of(tnef, &property), tnef->name,
                          NAME_ROOM_BYTES);
        else if (property.tag == MAPI_ATTACHED)
            take_attached(tnef, &property);
    }
    if (mapi.damaged)
        reading_raise(tnef->reading, PART_UNREAD | PART_AMBIGUOUS, "damaged properties");
}

/* --- the message */

static void read_message_properties(struct tnef *tnef, struct bytes bytes)
{
    struct mapi mapi;
    struct mapi_property property;
    mapi_open(&mapi, bytes);
    while (mapi_next(&mapi, &property) && budget_time(tnef->reading->budget)) {
        const struct text text = {property.value, codepage_of(tnef, &property)};
        if (property.tag == MAPI_SUBJECT)
            tnef->subject = text;
        else if (property.tag == MAPI_BODY)
            tnef->plain = text;
        else if (property.tag == MAPI_RTF)
            tnef->rtf = property.value;
        else if (property.tag == MAPI_HTML)
            tnef->html.bytes = property.value;
        else if (property.tag == MAPI_CODEPAGE && property.type == MAPI_NUMBER)
            tnef->html.codepage = bytes_u32(property.value, 0);
    }
    if (mapi.damaged)
        reading_raise(tnef->reading, PART_UNREAD | PART_AMBIGUOUS, "damaged properties");
}

static void take_attribute(struct tnef *tnef, uint32_t attribute, struct bytes data)
{
    const struct text text = {data, 0};
    if (attribute == ATTRIBUTE_CODEPAGE && data.size >= 4)
        tnef->codepage = bytes_u32(data, 0);
    else if (attribute == ATTRIBUTE_SUBJECT && !tnef->subject.bytes.size)
        tnef->subject = text;
    else if (attribute == ATTRIBUTE_BODY && !tnef->plain.bytes.size)
        tnef->plain = text;
    else if (attribute == ATTRIBUTE_MESSAGE)
        read_message_properties(tnef, data);
    else if (attribute == ATTRIBUTE_RENDERING)
        begin_attachment(tnef);
    else if (attribute == ATTRIBUTE_TITLE)
        outlet_string(data.at, data.size, tnef->codepage, tnef->title, NAME_ROOM_BYTES);
    else if (attribute == ATTRIBUTE_DATA)
        tnef->data = data;
    else if (attribute == ATTRIBUTE_ATTACHMENT)
        read_attachment_properties(tnef, data);
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
                        .codepage = CODEPAGE_LATIN};
    if (bytes_u32(tnef.all, 0) != SIGNATURE) {
        reading_raise(reading, PART_UNREAD, "damaged");
        return;
    }
    const char *why = read_attributes(&tnef);
    if (why)
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, why);
    if (reading->budget->exhausted)
        reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
    say_message(&tnef);
    end_attachment(&tnef);
}

const struct reader tnef_reader = {
    .name = "TNEF", .kinds = kinds, .prepare = outlet_prepare, .read = read_tnef};
