/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/rtf.h"

#include "base/buffer.h"
#include "readers/outlet.h"
#include "readers/rtf_charset.h"
#include "readers/rtf_lex.h"
#include "readers/rtf_object.h"
#include "readers/rtf_words.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEPTH_MAX = 500,
    PENDING = 512,
    VALUE_BYTES = 64 * 1024,
    FURNITURE_MAX = 64 * 1024,
    SKIPPED_MAX = 128 * 1024
};

struct group {
    enum rtf_destination to;
    enum text_place place;
    bool hidden;
    bool preview;      /* pictures again, for programs that know no others */
    unsigned skip;     /* characters after \u that say the same for older programs */
    unsigned codepage; /* of the font */
    const char *property;
    bool starts; /* it opened this destination: its end says what was gathered */
};

struct rtf {
    struct reading *reading;
    struct rtf_lex lex;
    struct outlet outlet;
    struct rtf_charset charset;
    bool star;        /* \* came: what is not known is skipped */
    unsigned to_skip; /* characters, of those after \u */
    bool failed;
    uint64_t skipped; /* bytes that are nobody's */
    size_t n_pending;
    char pending[PENDING]; /* bytes of one codepage */
    struct buffer value, name, shape_name, data;
    unsigned depth;
    struct group groups[DEPTH_MAX];
};

static const char *const kinds[] = {"text/rtf", "application/rtf", NULL};

static struct group *top(struct rtf *rtf)
{
    return &rtf->groups[rtf->depth];
}

static bool is_gathered(enum rtf_destination to)
{
    return to == RTF_TO_PROPERTY || to == RTF_TO_PROPERTY_NAME || to == RTF_TO_SHAPE_NAME ||
           to == RTF_TO_SHAPE_VALUE;
}

/* In hexadecimal. */
static bool is_file(enum rtf_destination to)
{
    return to == RTF_TO_OBJECT || to == RTF_TO_PICTURE || to == RTF_TO_FURNITURE;
}

static struct buffer *buffer_of(struct rtf *rtf)
{
    switch (top(rtf)->to) {
    case RTF_TO_PROPERTY_NAME:
        return &rtf->name;
    case RTF_TO_SHAPE_NAME:
        return &rtf->shape_name;
    default:
        return &rtf->value;
    }
}

static bool is_ascii(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)bytes[i] >= 0x80)
            return false;
    return true;
}

static void flush(struct rtf *rtf)
{
    const struct group *group = top(rtf);
    size_t size = rtf->n_pending;
    rtf->n_pending = 0;
    if (!size)
        return;
    if (is_gathered(group->to)) {
        char utf8[PENDING * 3 + 1];
        outlet_string(rtf->pending, size, group->codepage, utf8, sizeof utf8);
        buffer_puts(buffer_of(rtf), utf8);
        return;
    }
    outlet_place(&rtf->outlet, group->hidden ? TEXT_HIDDEN : group->place);
    if (is_ascii(rtf->pending, size))
        for (size_t i = 0; i < size; i++)
            outlet_put(&rtf->outlet, (unsigned char)rtf->pending[i]);
    else
        outlet_codepage(&rtf->outlet, group->codepage, rtf->pending, size);
}

static void put_byte(struct rtf *rtf, uint8_t byte)
{
    if (rtf->to_skip) {
        rtf->to_skip--;
        return;
    }
    if (byte < 0x20 && byte != '\t')
        return;
    if (rtf->n_pending == PENDING)
        flush(rtf);
    rtf->pending[rtf->n_pending++] = (char)byte;
}

static void put_unit(struct rtf *rtf, uint16_t unit)
{
    flush(rtf);
    if (is_gathered(top(rtf)->to)) {
        char utf8[8];
        const uint8_t wide[2] = {(uint8_t)unit, (uint8_t)(unit >> 8)};
        outlet_string(wide, sizeof wide, CODEPAGE_UTF16, utf8, sizeof utf8);
        buffer_puts(buffer_of(rtf), utf8);
        return;
    }
    if (top(rtf)->to != RTF_TO_TEXT)
        return;
    outlet_place(&rtf->outlet, top(rtf)->hidden ? TEXT_HIDDEN : top(rtf)->place);
    outlet_put_utf16(&rtf->outlet, unit);
}

static void open_to(struct rtf *rtf, enum rtf_destination to)
{
    top(rtf)->to = to;
    top(rtf)->starts = true;
    top(rtf)->codepage = rtf->charset.document;
    if (is_gathered(to))
        buffer_clear(buffer_of(rtf));
    if (is_file(to)) {
        buffer_clear(&rtf->data);
        rtf->charset.half = 0;
    }
}

/* --- control words */

/* \upr holds the text twice, the second time in \ud. */
static void show_again(struct rtf *rtf)
{
    unsigned depth = rtf->depth;
    if (top(rtf)->to == RTF_TO_NOWHERE && depth > 1)
        top(rtf)->to = rtf->groups[depth - 2].to;
}

static void take_word(struct rtf *rtf, const struct rtf_word *word)
{
    struct group *group = top(rtf);
    switch (word->action) {
    case RTF_CHARACTER:
        if (group->to == RTF_TO_TEXT || is_gathered(group->to))
            put_unit(rtf, (uint16_t)word->value);
        break;
    case RTF_PLACE:
        if (group->to == RTF_TO_TEXT)
            group->place = (enum text_place)word->value;
        break;
    case RTF_PROPERTY:
        open_to(rtf, RTF_TO_PROPERTY);
        group->property = word->property;
        break;
    case RTF_DESTINATION:
        if (group->preview && word->value == RTF_TO_PICTURE)
            group->to = RTF_TO_NOWHERE;
        else
            open_to(rtf, (enum rtf_destination)word->value);
        break;
    case RTF_SHOWN:
        if (!strcmp(word->word, "ud"))
            show_again(rtf);
        break;
    case RTF_PREVIEW:
        group->preview = true;
        break;
    case RTF_SKIP:
        group->to = RTF_TO_NOWHERE;
        break;
    }
}

static void set_hidden(struct rtf *rtf, bool hidden)
{
    flush(rtf);
    top(rtf)->hidden = hidden;
}

/* Words that change what follows. False: it is none of them. */
static bool take_state(struct rtf *rtf)
{
    const struct rtf_lex *lex = &rtf->lex;
    struct group *group = top(rtf);
    bool on = !lex->has_number || lex->number;
    if (!strcmp(lex->word, "u")) {
        rtf->to_skip = 0;
        put_unit(rtf, (uint16_t)lex->number);
        rtf->to_skip = group->skip;
    } else if (!strcmp(lex->word, "uc"))
        group->skip = lex->number >= 0 && lex->number < 16 ? (unsigned)lex->number : 1;
    else if (!strcmp(lex->word, "v") || !strcmp(lex->word, "deleted"))
        set_hidden(rtf, on);
    else if (!strcmp(lex->word, "plain"))
        set_hidden(rtf, false);
    else if (rtf_charset_word(&rtf->charset, lex, group->to == RTF_TO_FONTS)) {
        flush(rtf);
        if (group->to != RTF_TO_FONTS)
            group->codepage = rtf->charset.current;
    } else
        return false;
    return true;
}

static void on_word(struct rtf *rtf)
{
    bool star = rtf->star;
    rtf->star = false;
    if (rtf->to_skip && strcmp(rtf->lex.word, "u") != 0) {
        rtf->to_skip--;
        return;
    }
    if (take_state(rtf))
        return;
    flush(rtf);
    const struct rtf_word *word = rtf_word_find(rtf->lex.word);
    if (word)
        take_word(rtf, word);
    else if (star)
        top(rtf)->to = RTF_TO_NOWHERE;
}

static void on_symbol(struct rtf *rtf)
{
    switch (rtf->lex.byte) {
    case '*':
        rtf->star = true;
        break;
    case '~':
        put_byte(rtf, ' ');
        break;
    case '_':
        put_byte(rtf, '-');
        break;
    case '\r':
    case '\n':
        put_unit(rtf, '\n');
        break;
    case '\\':
    case '{':
    case '}':
        put_byte(rtf, rtf->lex.byte);
        break;
    default:
        break;
    }
}

/* --- groups */

static void open_group(struct rtf *rtf)
{
    flush(rtf);
    rtf->star = false;
    rtf->to_skip = 0;
    if (rtf->depth + 1 == DEPTH_MAX) {
        reading_raise(rtf->reading, PART_UNREAD, "text nested too deep");
        rtf->failed = true;
        return;
    }
    rtf->groups[rtf->depth + 1] = rtf->groups[rtf->depth];
    rtf->depth++;
    top(rtf)->starts = false;
}

static void say_property(struct rtf *rtf, const char *property)
{
    const char *name = property ? property : buffer_text(&rtf->name);
    if (name[0] && rtf->value.size && !rtf->value.failed)
        reading_property(rtf->reading, name, buffer_text(&rtf->value));
}

/* Words drawn as a picture, and what a picture is said to show. */
static void say_shape(struct rtf *rtf, enum text_place place)
{
    static const char *const shown[] = {"gtextUNICODE", "wzDescription"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (!strcmp(shown[i], buffer_text(&rtf->shape_name)) && rtf->value.size) {
            outlet_flush(&rtf->outlet);
            place = place == TEXT_BODY ? TEXT_SHAPE : place;
            (void)reading_text(rtf->reading, place, buffer_text(&rtf->value), rtf->value.size);
            (void)reading_text(rtf->reading, place, "\n", 1);
        }
}

static void say_gathered(struct rtf *rtf, const struct group *group)
{
    struct bytes data = {(const uint8_t *)buffer_text(&rtf->data), rtf->data.size};
    switch (group->to) {
    case RTF_TO_PROPERTY:
        say_property(rtf, group->property);
        break;
    case RTF_TO_SHAPE_VALUE:
        say_shape(rtf, group->place);
        break;
    case RTF_TO_FURNITURE:
        if (data.size > FURNITURE_MAX || rtf->data.failed)
            reading_raise(rtf->reading, PART_UNREAD, "bytes that programs skip");
        break;
    case RTF_TO_OBJECT:
    case RTF_TO_PICTURE:
        outlet_flush(&rtf->outlet);
        if (rtf->data.failed)
            reading_raise(rtf->reading, PART_UNREAD, "a packed file too big to be read");
        else if (group->to == RTF_TO_OBJECT)
            rtf_object(rtf->reading, data);
        else if (data.size)
            (void)reading_embedded(rtf->reading, NULL, data.at, data.size);
        break;
    case RTF_TO_TEXT:
    case RTF_TO_NOWHERE:
    case RTF_TO_FONTS:
    case RTF_TO_PROPERTY_NAME:
    case RTF_TO_SHAPE_NAME:
        break;
    }
}

static void close_group(struct rtf *rtf)
{
    flush(rtf);
    rtf->to_skip = 0;
    if (!rtf->depth) {
        rtf->failed = true;
        return;
    }
    if (top(rtf)->starts)
        say_gathered(rtf, top(rtf));
    bool ends_line = top(rtf)->place != rtf->groups[rtf->depth - 1].place && top(rtf)->to == RTF_TO_TEXT;
    if (ends_line)
        put_unit(rtf, '\n');
    rtf->depth--;
    rtf->charset.current = top(rtf)->codepage;
}

static void on_data(struct rtf *rtf, struct bytes bytes, bool binary)
{
    enum rtf_destination to = top(rtf)->to;
    if (is_file(to)) {
        if (!budget_bytes(rtf->reading->budget, binary ? bytes.size : bytes.size / 2))
            rtf->failed = true;
        else if (binary)
            buffer_append(&rtf->data, bytes.at, bytes.size);
        else
            rtf_hex(&rtf->charset.half, bytes, &rtf->data);
        return;
    }
    if (binary || (to != RTF_TO_TEXT && !is_gathered(to))) {
        rtf->skipped += bytes.size;
        return;
    }
    for (size_t i = 0; i < bytes.size; i++)
        put_byte(rtf, bytes.at[i]);
}

/* False: the end. */
static bool step(struct rtf *rtf)
{
    enum rtf_destination to = top(rtf)->to;
    switch (rtf_next(&rtf->lex)) {
    case RTF_END:
        return false;
    case RTF_OPEN:
        open_group(rtf);
        break;
    case RTF_CLOSE:
        close_group(rtf);
        return rtf->depth > 0;
    case RTF_WORD:
        on_word(rtf);
        break;
    case RTF_SYMBOL:
        on_symbol(rtf);
        break;
    case RTF_BYTE:
        if (to == RTF_TO_TEXT || is_gathered(to))
            put_byte(rtf, rtf->lex.byte);
        break;
    case RTF_TEXT:
        on_data(rtf, rtf->lex.text, false);
        break;
    case RTF_BINARY:
        on_data(rtf, rtf->lex.text, true);
        break;
    }
    return true;
}

static void judge_end(struct rtf *rtf)
{
    struct bytes rest = bytes_cut(rtf->lex.bytes, rtf->lex.at, rtf->lex.bytes.size);
    size_t blank = 0;
    while (blank < rest.size && (rest.at[blank] == '\0' || strchr(" \t\r\n\x1a", rest.at[blank])))
        blank++;
    if (rtf->skipped > SKIPPED_MAX)
        reading_raise(rtf->reading, PART_UNREAD, "bytes that programs skip");
    if (rtf->reading->budget->exhausted)
        reading_raise(rtf->reading, PART_UNREAD, rtf->reading->budget->exhausted);
    else if (rtf->depth)
        reading_raise(rtf->reading, PART_UNREAD, "a damaged document");
    else if (blank < rest.size)
        reading_raise(rtf->reading, PART_UNREAD | PART_AMBIGUOUS, "bytes after the document's end");
}

static void read_rtf(struct reading *reading)
{
    struct rtf *rtf = calloc(1, sizeof *rtf);
    if (!rtf) {
        reading_raise(reading, PART_UNREAD, "no memory to read it");
        return;
    }
    rtf->reading = reading;
    rtf->lex.bytes = (struct bytes){(const uint8_t *)reading->bytes, reading->size};
    outlet_open(&rtf->outlet, reading, TEXT_BODY);
    rtf_charset_open(&rtf->charset);
    rtf->groups[0] = (struct group){.skip = 1, .codepage = CODEPAGE_LATIN};
    buffer_init(&rtf->value, VALUE_BYTES);
    buffer_init(&rtf->name, VALUE_BYTES);
    buffer_init(&rtf->shape_name, VALUE_BYTES);
    buffer_init(&rtf->data, BUDGET_DOCUMENT_MAX);
    while (!rtf->failed && !rtf->outlet.stopped && budget_time(reading->budget) && step(rtf))
        continue;
    flush(rtf);
    outlet_flush(&rtf->outlet);
    judge_end(rtf);
    buffer_free(&rtf->value);
    buffer_free(&rtf->name);
    buffer_free(&rtf->shape_name);
    buffer_free(&rtf->data);
    free(rtf);
}

const struct reader rtf_reader = {.name = "rtf", .kinds = kinds, .prepare = outlet_prepare, .read = read_rtf};
