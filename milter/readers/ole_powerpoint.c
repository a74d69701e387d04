/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/ole_powerpoint.h"

#include "readers/deflated.h"
#include "readers/office_art.h"
#include "readers/outlet.h"

enum {
    CONTAINER = 0xf,
    DEPTH_MAX = 64,

    SLIDE_NAME_INSTANCE = 3,

    NOTES = 0x3f0,
    MASTER = 0x3f8,
    PLACEHOLDER = 0xbc3,
    TEXT_TYPE = 0xf9f, /* what a text is: 0 and 6 are titles */
    TEXT_WIDE = 0xfa0,
    TEXT_BYTES = 0xfa8,
    STRING = 0xfba,
    HANDOUT = 0xfc9,
    PAGE_HEADERS = 0xfd9,
    OBJECT = 0x1011,
    COMMENT = 0x2ee0,
    ENCRYPTION = 0x2f14,
    SHAPE = 0xf004,
};

struct deck {
    struct outlet outlet;
    struct reading *reading;
    bool encrypted;
};

/* Of the records around. */
struct where {
    enum text_place place;
    bool strings; /* names of fonts and programs are strings, too: only here they are said by somebody */
    bool title;
};

static void walk(struct deck *deck, struct bytes bytes, struct where where, unsigned depth);

static void put(struct deck *deck, uint32_t c)
{
    if (c == '\r' || c == 0x0b)
        outlet_put(&deck->outlet, '\n');
    else if (c == '\t' || c >= 0x20)
        outlet_put_utf16(&deck->outlet, (uint16_t)c);
}

static void text(struct deck *deck, const struct office_art_record *record, const struct where *where)
{
    unsigned width = record->kind == TEXT_BYTES ? 1 : 2;
    enum text_place place = where->place == TEXT_BODY && where->title ? TEXT_TITLE : where->place;
    outlet_place(&deck->outlet, place);
    for (uint64_t at = 0; bytes_hold(record->body, at, width) && !deck->outlet.stopped; at += width)
        put(deck, (uint32_t)bytes_little(record->body, at, width));
    outlet_put(&deck->outlet, '\n');
}

/* A compound file within, deflated behind its size or as it is ([MS-PPT] 2.10.34). */
static void object(struct deck *deck, const struct office_art_record *record)
{
    outlet_flush(&deck->outlet);
    if (record->instance)
        deflated_embedded(deck->reading, bytes_cut(record->body, 4, record->body.size), "a damaged object");
    else
        (void)reading_embedded(deck->reading, NULL, record->body.at, record->body.size);
}

static struct where within(const struct office_art_record *record, struct where where)
{
    switch (record->kind) {
    case NOTES:
        where.place = TEXT_NOTE;
        break;
    case MASTER:
    case HANDOUT:
        where.place = TEXT_HEADER;
        break;
    case PAGE_HEADERS:
        where.place = TEXT_FOOTER;
        where.strings = true;
        break;
    case COMMENT:
        where.place = TEXT_NOTE;
        where.strings = true;
        break;
    default:
        break;
    }
    return where;
}

static void atom(struct deck *deck, const struct office_art_record *record, struct where *where)
{
    switch (record->kind) {
    case TEXT_TYPE: {
        uint32_t type = bytes_u32(record->body, 0);
        where->title = type == 0 || type == 6;
        break;
    }
    case TEXT_WIDE:
    case TEXT_BYTES:
        text(deck, record, where);
        break;
    case STRING:
        if (where->strings || (record->instance == SLIDE_NAME_INSTANCE && where->place == TEXT_BODY))
            text(deck, record, where);
        break;
    case OBJECT:
        object(deck, record);
        break;
    case ENCRYPTION:
        deck->encrypted = true;
        break;
    default:
        break;
    }
}

/* A master's placeholders only prompt. */
static bool is_prompt(struct bytes shape)
{
    struct office_art_record record, inner;
    for (uint64_t at = 0; office_art_next(shape, &at, &record);)
        for (uint64_t deep = 0; record.version == CONTAINER && office_art_next(record.body, &deep, &inner);)
            if (inner.kind == PLACEHOLDER)
                return true;
    return false;
}

static void walk(struct deck *deck, struct bytes bytes, struct where where, unsigned depth)
{
    struct office_art_record record;
    uint64_t at = 0;
    while (!deck->outlet.stopped && budget_time(deck->reading->budget) &&
           office_art_next(bytes, &at, &record)) {
        if (!record.whole)
            reading_raise(deck->reading, PART_UNREAD, "a damaged presentation");
        if (record.kind == ENCRYPTION || record.version != CONTAINER) {
            atom(deck, &record, &where);
            continue;
        }
        struct where inner = within(&record, where);
        if (record.kind == SHAPE && where.place == TEXT_HEADER && is_prompt(record.body))
            inner.place = TEXT_HIDDEN;
        if (depth < DEPTH_MAX)
            walk(deck, record.body, inner, depth + 1);
        else
            reading_raise(deck->reading, PART_UNREAD, "a presentation nested too deep");
    }
}

void ole_powerpoint(struct reading *reading, struct bytes document)
{
    struct deck deck = {.reading = reading};
    outlet_open(&deck.outlet, reading, TEXT_BODY);
    walk(&deck, document, (struct where){.place = TEXT_BODY}, 0);
    outlet_flush(&deck.outlet);
    if (deck.encrypted)
        reading_raise(reading, PART_UNREAD, "password");
    if (reading->budget->exhausted)
        reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
}
