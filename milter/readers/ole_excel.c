/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/ole_excel.h"

#include "base/buffer.h"
#include "readers/biff.h"
#include "readers/outlet.h"
#include "readers/sheet_header.h"

#include <stdio.h>
#include <string.h>

enum {
    STRINGS_BYTES = 64 * 1024 * 1024,
    HEADER_ROOM = 1024,
    STRING_WIDE = 1,
    STRING_PHONETIC = 4,
    STRING_RICH = 8,
    BIFF8 = 0x600,
    PICTURES_SMALL = 4096,
};

struct excel {
    struct outlet outlet;
    struct biff biff;
    unsigned codepage;
    bool biff8, begun;
    uint32_t row;
    struct buffer strings; /* UTF-16, one after the other */
    struct buffer offsets; /* uint32_t, one more than there are strings */
    struct buffer used;    /* a byte each */
};

static void put_unit(void *context, uint16_t unit)
{
    struct excel *excel = context;
    if (unit >= 0x20 || unit == '\t')
        outlet_put_utf16(&excel->outlet, unit);
    else
        outlet_put(&excel->outlet, ' ');
}

static void keep_unit(void *context, uint16_t unit)
{
    struct excel *excel = context;
    buffer_append(&excel->strings, &unit, sizeof unit);
}

static void damaged(struct excel *excel)
{
    reading_raise(excel->outlet.reading, PART_UNREAD, "a damaged workbook");
}

static void start_row(struct excel *excel, uint32_t row)
{
    if (excel->begun && row != excel->row)
        outlet_put(&excel->outlet, '\n');
    excel->begun = true;
    excel->row = row;
    outlet_place(&excel->outlet, TEXT_CELL);
}

static void end_sheet(struct excel *excel)
{
    if (excel->begun)
        outlet_put(&excel->outlet, '\n');
    excel->begun = false;
}

/* BIFF8: number of characters, flags, and what belongs to the text but is none. */
static void read_string8(struct excel *excel, unsigned length_bytes,
                         void (*take)(void *context, uint16_t unit))
{
    struct biff *biff = &excel->biff;
    uint32_t count = biff_number(biff, length_bytes), flags = biff_number(biff, 1);
    uint32_t runs = flags & STRING_RICH ? biff_number(biff, 2) : 0,
             phonetic = flags & STRING_PHONETIC ? biff_number(biff, 4) : 0;
    biff_characters(biff, count, flags & STRING_WIDE, take, excel);
    biff_skip(biff, 4 * (uint64_t)runs + phonetic);
}

static void read_string(struct excel *excel, unsigned length_bytes)
{
    if (excel->biff8) {
        read_string8(excel, length_bytes, put_unit);
        return;
    }
    uint32_t count = biff_number(&excel->biff, length_bytes);
    struct bytes bytes = bytes_cut(excel->biff.body, excel->biff.at, count);
    outlet_codepage(&excel->outlet, excel->codepage, bytes.at, bytes.size);
}

static void read_strings(struct excel *excel)
{
    struct biff *biff = &excel->biff;
    biff_skip(biff, 4);
    uint32_t count = biff_number(biff, 4);
    for (uint32_t i = 0; i < count && !biff->broken && budget_time(excel->outlet.reading->budget); i++) {
        uint32_t at = (uint32_t)(excel->strings.size / 2);
        buffer_append(&excel->offsets, &at, sizeof at);
        buffer_append(&excel->used, "", 1);
        read_string8(excel, 2, keep_unit);
    }
    if (excel->strings.failed || excel->offsets.failed || excel->used.failed)
        damaged(excel);
}

static bool string_at(const struct excel *excel, uint32_t number, uint32_t *from, uint32_t *to)
{
    if (number >= excel->used.size || excel->strings.failed || excel->offsets.failed)
        return false;
    *to = (uint32_t)(excel->strings.size / 2);
    memcpy(from, excel->offsets.bytes + 4 * (size_t)number, 4);
    if (number + 1 < excel->used.size)
        memcpy(to, excel->offsets.bytes + 4 * ((size_t)number + 1), 4);
    return true;
}

static void put_string(struct excel *excel, uint32_t number)
{
    uint32_t from, to;
    if (!string_at(excel, number, &from, &to)) {
        reading_raise(excel->outlet.reading, PART_UNREAD, "a cell whose text is not there");
        return;
    }
    excel->used.bytes[number] = 1;
    for (; from < to && !excel->outlet.stopped; from++) {
        uint16_t unit;
        memcpy(&unit, excel->strings.bytes + 2 * (size_t)from, 2);
        put_unit(excel, unit);
    }
}

static void put_number(struct excel *excel, double number)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.15g", number);
    for (const char *at = text; *at; at++)
        outlet_put(&excel->outlet, (unsigned char)*at);
}

static double as_double(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* A number in 30 bits ([MS-XLS] 2.5.217). */
static double as_rk(uint32_t rk)
{
    double number = rk & 2 ? (double)((int32_t)rk >> 2) : as_double((uint64_t)(rk & ~3U) << 32);
    return rk & 1 ? number / 100 : number;
}

static void cell(struct excel *excel)
{
    struct biff *biff = &excel->biff;
    start_row(excel, bytes_u16(biff->body, 0));
    biff->at = 6;
    switch (biff->kind) {
    case BIFF_LABELSST:
        put_string(excel, bytes_u32(biff->body, 6));
        break;
    case BIFF_LABEL:
    case BIFF_RSTRING:
        read_string(excel, 2);
        break;
    case BIFF_NUMBER:
        put_number(excel, as_double(bytes_u64(biff->body, 6)));
        break;
    case BIFF_RK:
        put_number(excel, as_rk(bytes_u32(biff->body, 6)));
        break;
    case BIFF_FORMULA:
        /* A result that is no number is told by 0xffff; text comes in a record of its own. */
        if (bytes_u16(biff->body, 12) != 0xffff)
            put_number(excel, as_double(bytes_u64(biff->body, 6)));
        break;
    default:
        break;
    }
    if (biff->kind != BIFF_FORMULA || bytes_u16(biff->body, 12) != 0xffff)
        outlet_put(&excel->outlet, '\t');
}

static void formula_text(struct excel *excel)
{
    outlet_place(&excel->outlet, TEXT_CELL);
    read_string(excel, 2);
    outlet_put(&excel->outlet, '\t');
}

static void numbers(struct excel *excel)
{
    struct bytes body = excel->biff.body;
    start_row(excel, bytes_u16(body, 0));
    for (uint64_t at = 4; bytes_hold(body, at, 6 + 2); at += 6) {
        put_number(excel, as_rk(bytes_u32(body, at + 2)));
        outlet_put(&excel->outlet, '\t');
    }
}

static void page_header(struct excel *excel)
{
    char text[HEADER_ROOM];
    struct bytes body = excel->biff.body;
    if (!body.size)
        return;
    bool wide = excel->biff8 && bytes_little(body, 2, 1) & 1;
    struct bytes characters = bytes_cut(body, excel->biff8 ? 3 : 1, body.size);
    unsigned codepage = excel->biff8 ? wide ? CODEPAGE_UTF16 : 28591 : excel->codepage;
    outlet_string(characters.at, characters.size, codepage, text, sizeof text);
    outlet_flush(&excel->outlet);
    sheet_header_show(excel->outlet.reading, excel->biff.kind == BIFF_HEADER ? TEXT_HEADER : TEXT_FOOTER,
                      text);
}

static void sheet_name(struct excel *excel)
{
    outlet_place(&excel->outlet, TEXT_TITLE);
    excel->biff.at = 6;
    read_string(excel, 1);
    outlet_put(&excel->outlet, '\n');
}

/* A text box or comment: the text follows in CONTINUE records. */
static void text_object(struct excel *excel)
{
    struct biff *biff = &excel->biff;
    uint32_t count = bytes_u16(biff->body, 10);
    if (!count || !biff_continue(biff))
        return;
    outlet_place(&excel->outlet, TEXT_SHAPE);
    bool wide = biff_number(biff, 1) & 1;
    biff_characters(biff, count, wide, put_unit, excel);
    outlet_put(&excel->outlet, '\n');
}

static void begin(struct excel *excel)
{
    end_sheet(excel);
    excel->biff8 = bytes_u16(excel->biff.body, 0) == BIFF8;
}

static void show_unused(struct excel *excel)
{
    outlet_place(&excel->outlet, TEXT_HIDDEN);
    for (uint32_t i = 0; i < excel->used.size && !excel->used.failed && !excel->outlet.stopped; i++)
        if (!excel->used.bytes[i]) {
            put_string(excel, i);
            outlet_put(&excel->outlet, '\n');
        }
}

/* False: nothing more can be read. */
static bool record(struct excel *excel)
{
    struct biff *biff = &excel->biff;
    switch (biff->kind) {
    case BIFF_BOF:
        begin(excel);
        break;
    case BIFF_EOF:
        end_sheet(excel);
        break;
    case BIFF_FILEPASS:
        reading_raise(excel->outlet.reading, PART_UNREAD, "password");
        return false;
    case BIFF_CODEPAGE:
        excel->codepage = bytes_u16(biff->body, 0);
        break;
    case BIFF_BOUNDSHEET:
        sheet_name(excel);
        break;
    case BIFF_SST:
        read_strings(excel);
        break;
    case BIFF_LABELSST:
    case BIFF_LABEL:
    case BIFF_RSTRING:
    case BIFF_NUMBER:
    case BIFF_RK:
    case BIFF_FORMULA:
        cell(excel);
        break;
    case BIFF_STRING:
        formula_text(excel);
        break;
    case BIFF_MULRK:
        numbers(excel);
        break;
    case BIFF_HEADER:
    case BIFF_FOOTER:
        page_header(excel);
        break;
    case BIFF_TXO:
        text_object(excel);
        break;
    case BIFF_DRAWING_GROUP:
        if (biff->body.size > PICTURES_SMALL)
            reading_raise(excel->outlet.reading, PART_UNREAD, "pictures in an old workbook");
        break;
    default:
        break;
    }
    return true;
}

void ole_excel(struct reading *reading, struct bytes workbook)
{
    struct excel excel = {.biff = {.stream = workbook}, .codepage = CODEPAGE_LATIN};
    outlet_open(&excel.outlet, reading, TEXT_CELL);
    buffer_init(&excel.strings, STRINGS_BYTES);
    buffer_init(&excel.offsets, STRINGS_BYTES);
    buffer_init(&excel.used, STRINGS_BYTES);
    bool more = true;
    while (more && !excel.outlet.stopped && budget_time(reading->budget) && biff_next(&excel.biff))
        more = record(&excel);
    if (excel.biff.broken)
        damaged(&excel);
    if (more && !excel.outlet.stopped)
        show_unused(&excel);
    outlet_flush(&excel.outlet);
    if (reading->budget->exhausted)
        reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
    buffer_free(&excel.strings);
    buffer_free(&excel.offsets);
    buffer_free(&excel.used);
}
