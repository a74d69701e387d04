/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/ole_word.h"

#include "readers/outlet.h"

enum {
    VERSION_AT = 2,
    FLAGS_AT = 0x0a,
    FLAG_COMPLEX = 0x0004,
    FLAG_ENCRYPTED = 0x0100,
    FLAG_TABLE_ONE = 0x0200,
    FIRST_AT = 0x18, /* of the text, in versions before 97 */
    LAST_AT = 0x1c,
    COUNTS_AT = 0x4c, /* characters of the main text, then of the rest, in this order */
    PIECES_AT = 0x1a2,
    PIECES_SIZE_AT = 0x1a6,
    VERSION_97 = 0xc1,

    PIECE_BYTES = 8,
    PIECES_MARK = 2,
    PROPERTIES_MARK = 1,
    COMPRESSED = 0x40000000,

    CELL_END = 0x07,
    LINE_BREAK = 0x0b,
    PAGE_BREAK = 0x0c,
    PARAGRAPH = 0x0d,
    FIELD_START = 0x13,
    FIELD_RESULT = 0x14,
    FIELD_END = 0x15,
    HARD_HYPHEN = 0x1e,
};

static const struct {
    unsigned at; /* of its number of characters, from COUNTS_AT */
    enum text_place place;
} parts[] = {{0, TEXT_BODY},  {4, TEXT_NOTE},   {8, TEXT_HEADER}, {16, TEXT_NOTE},
             {20, TEXT_NOTE}, {24, TEXT_SHAPE}, {28, TEXT_HEADER}};

enum { PARTS = sizeof parts / sizeof *parts };

struct word {
    struct bytes document;
    struct outlet outlet;
    uint64_t characters; /* so far, of all parts */
    uint64_t read;       /* the same, without what no piece has */
    uint64_t ends[PARTS];
    bool damaged;
    unsigned instructions; /* of fields that are open: not text */
};

const char *ole_word_table(struct bytes document)
{
    return bytes_u16(document, FLAGS_AT) & FLAG_TABLE_ONE ? "1Table" : "0Table";
}

static void put(struct word *word, uint32_t c)
{
    struct outlet *outlet = &word->outlet;
    if (c == FIELD_START)
        word->instructions++;
    else if ((c == FIELD_RESULT || c == FIELD_END) && word->instructions)
        word->instructions--;
    if (word->instructions)
        return;
    if (c == CELL_END || c == LINE_BREAK || c == PARAGRAPH)
        outlet_put(outlet, '\n');
    else if (c == PAGE_BREAK || c == '\t')
        outlet_put(outlet, c == '\t' ? '\t' : '\f');
    else if (c == HARD_HYPHEN)
        outlet_put(outlet, '-');
    else if (c >= 0x20)
        outlet_put_utf16(outlet, (uint16_t)c);
}

static enum text_place place_of(const struct word *word, uint64_t character)
{
    for (size_t i = 0; i < PARTS; i++)
        if (character < word->ends[i])
            return parts[i].place;
    return TEXT_HIDDEN;
}

static void read_piece(struct word *word, uint64_t at, uint64_t count, bool compressed)
{
    unsigned width = compressed ? 1 : 2;
    struct budget *budget = word->outlet.reading->budget;
    for (uint64_t i = 0; i < count && !word->outlet.stopped; i++, word->characters++) {
        uint64_t from = at + i * width;
        /* Pieces do not share bytes: more characters than bytes are a bomb. */
        if (!bytes_hold(word->document, from, width) || word->read++ > word->document.size) {
            word->damaged = true;
            return;
        }
        if (i % 1024 == 0 && !budget_time(budget))
            return;
        enum text_place place = place_of(word, word->characters);
        if (place != word->outlet.place)
            word->instructions = 0;
        outlet_place(&word->outlet, place);
        put(word, compressed ? outlet_latin(word->document.at[from]) : bytes_u16(word->document, from));
    }
}

/* The piece table stands behind changes of formatting ([MS-DOC] 2.9.38). */
static struct bytes find_pieces(struct bytes clx)
{
    uint64_t at = 0;
    while (bytes_hold(clx, at, 3) && clx.at[at] == PROPERTIES_MARK)
        at += 3 + (uint64_t)bytes_u16(clx, at + 1);
    if (!bytes_hold(clx, at, 5) || clx.at[at] != PIECES_MARK)
        return bytes_cut(clx, clx.size, 0);
    return bytes_cut(clx, at + 5, bytes_u32(clx, at + 1));
}

static void read_pieces(struct word *word, struct bytes pieces)
{
    uint64_t n = pieces.size < 4 ? 0 : (pieces.size - 4) / (4 + PIECE_BYTES);
    if (!n)
        reading_raise(word->outlet.reading, PART_UNREAD, "a document without text in it, or damaged");
    for (uint64_t i = 0; i < n && !word->outlet.stopped && word->read <= word->document.size; i++) {
        uint32_t from = bytes_u32(pieces, 4 * i), to = bytes_u32(pieces, 4 * (i + 1)),
                 place = bytes_u32(pieces, 4 * (n + 1) + PIECE_BYTES * i + 2);
        bool compressed = place & COMPRESSED;
        uint64_t at = place & (COMPRESSED - 1);
        if (to < from) {
            word->damaged = true;
            return;
        }
        word->characters = from;
        read_piece(word, compressed ? at / 2 : at, to - from, compressed);
    }
}

static void read_older(struct word *word, unsigned flags)
{
    uint32_t first = bytes_u32(word->document, FIRST_AT), last = bytes_u32(word->document, LAST_AT);
    if (flags & FLAG_COMPLEX || last < first)
        reading_raise(word->outlet.reading, PART_UNREAD, "an old version of Word, saved in pieces");
    else {
        for (size_t i = 0; i < PARTS; i++)
            word->ends[i] = UINT32_MAX;
        read_piece(word, first, last - first, true);
    }
}

void ole_word(struct reading *reading, struct bytes document, struct bytes table)
{
    struct word word = {.document = document};
    unsigned flags = bytes_u16(document, FLAGS_AT);
    outlet_open(&word.outlet, reading, TEXT_BODY);
    if (flags & FLAG_ENCRYPTED) {
        reading_raise(reading, PART_UNREAD, "password");
        return;
    }
    if (bytes_u16(document, VERSION_AT) < VERSION_97)
        read_older(&word, flags);
    else {
        uint64_t end = 0;
        for (size_t i = 0; i < PARTS; i++)
            word.ends[i] = end += bytes_u32(document, COUNTS_AT + parts[i].at);
        read_pieces(&word, find_pieces(bytes_cut(table, bytes_u32(document, PIECES_AT),
                                                 bytes_u32(document, PIECES_SIZE_AT))));
    }
    outlet_put(&word.outlet, '\n');
    outlet_flush(&word.outlet);
    if (word.damaged)
        reading_raise(reading, PART_UNREAD, "a damaged document");
}
