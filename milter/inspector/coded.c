/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/coded.h"

#include "base/text.h"
#include "inspector/decode.h"
#include "inspector/rawscan.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_NAME_ROOM = 256, ESCAPE = 64, YENC_OFFSET = 42, DECODER_ROOM = 4, PEM_BYTES_MAX = 8192 };

struct line {
    const char *at;
    size_t size;
};

struct coded {
    struct reading *reading;
    const char *at, *end; /* what comes */
    size_t quote;         /* characters before each line of the file */
    bool endless;         /* PEM without an end was seen: no other has one either */
    char name[FILE_NAME_ROOM];
    char *bytes;
    size_t size, room; /* room: as many bytes as the text has */
};

static bool is_quote(char c)
{
    return c == '>' || c == '|' || c == ' ' || c == '\t';
}

static size_t unquote(struct line *line)
{
    size_t quote = 0;
    while (quote < line->size && is_quote(line->at[quote]))
        quote++;
    line->at += quote;
    line->size -= quote;
    return quote;
}

/* The next line without its end; false behind the last. */
static bool next_line(struct coded *coded, struct line *line)
{
    if (coded->at >= coded->end)
        return false;
    const char *stop = memchr(coded->at, '\n', (size_t)(coded->end - coded->at));
    line->at = coded->at;
    line->size = (size_t)((stop ? stop : coded->end) - coded->at);
    coded->at = stop ? stop + 1 : coded->end;
    if (line->size && line->at[line->size - 1] == '\r')
        line->size--;
    return true;
}

/* The same of a file's body, without the quotes that stood before its first line. */
static bool next_body_line(struct coded *coded, struct line *line)
{
    if (!next_line(coded, line))
        return false;
    size_t skip = 0;
    while (skip < coded->quote && skip < line->size && is_quote(line->at[skip]))
        skip++;
    line->at += skip;
    line->size -= skip;
    return true;
}

static bool starts(const struct line *line, const char *with)
{
    size_t size = strlen(with);
    return line->size >= size && !memcmp(line->at, with, size);
}

static bool is(const struct line *line, const char *word)
{
    size_t size = line->size;
    while (size && (line->at[size - 1] == ' ' || line->at[size - 1] == '\t'))
        size--;
    return size == strlen(word) && !memcmp(line->at, word, size);
}

static void hand_on(struct coded *coded)
{
    if (coded->size && budget_bytes(coded->reading->budget, coded->size))
        (void)reading_embedded(coded->reading, coded->name[0] ? coded->name : NULL, coded->bytes,
                               coded->size);
    coded->size = 0;
    coded->name[0] = '\0';
}

static void take_name(struct coded *coded, const char *at, size_t size)
{
    while (size && (at[size - 1] == ' ' || at[size - 1] == '\t'))
        size--;
    size = size < FILE_NAME_ROOM ? size : FILE_NAME_ROOM - 1;
    memcpy(coded->name, at, size);
    coded->name[size] = '\0';
}

/* --- uuencode */

/* "begin 644 name" */
static const char *uu_name(const struct line *line, const char *begin)
{
    const char *at = line->at + strlen(begin), *end = line->at + line->size;
    unsigned digits = 0;
    if (!starts(line, begin))
        return NULL;
    for (; at < end && *at >= '0' && *at <= '7'; at++)
        digits++;
    return digits >= 3 && digits <= 5 && at < end && *at == ' ' ? at + 1 : NULL;
}

/* Blanks at the end of a line get lost on the way. */
static unsigned uu_digit(const struct line *line, size_t at)
{
    unsigned char c = at < line->size ? (unsigned char)line->at[at] : ' ';
    return (unsigned)(c - ' ') & 63;
}

static bool uu_line(struct coded *coded, const struct line *line)
{
    unsigned count = line->size ? uu_digit(line, 0) : 0;
    /* Lines whose end was lost could make more than they are. */
    if (!count || line->at[0] < ' ' || line->at[0] > '`' || coded->size + count > coded->room)
        return false;
    for (unsigned i = 0; i < count; i++) {
        size_t group = 1 + i / 3 * 4;
        unsigned bits = uu_digit(line, group) << 18 | uu_digit(line, group + 1) << 12 |
                        uu_digit(line, group + 2) << 6 | uu_digit(line, group + 3);
        coded->bytes[coded->size++] = (char)(bits >> (16 - 8 * (i % 3)));
    }
    return true;
}

static void read_uu(struct coded *coded)
{
    struct line line;
    while (next_body_line(coded, &line) && !is(&line, "end"))
        if (!uu_line(coded, &line) && !is(&line, "`") && line.size)
            break;
    hand_on(coded);
}

/* --- base64 */

static void feed(struct coded *coded, struct decoder *decoder, const struct line *line)
{
    coded->size += decoder_feed(decoder, line->at, line->size, coded->bytes + coded->size);
}

static void read_base64_file(struct coded *coded)
{
    struct decoder decoder;
    struct line line;
    decoder_init(&decoder, ENCODING_BASE64);
    while (next_body_line(coded, &line) && !starts(&line, "===="))
        feed(coded, &decoder, &line);
    coded->size += decoder_finish(&decoder, coded->bytes + coded->size);
    hand_on(coded);
}

static bool is_base64(const struct line *line)
{
    size_t pads = 0;
    for (size_t i = 0; i < line->size; i++) {
        char c = line->at[i], lower = text_lower(c);
        bool digit = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
        pads += c == '=';
        if ((!digit && c != '=') || (digit && pads))
            return false;
    }
    return line->size > 0 && pads <= 2;
}

static int hex_of(char c)
{
    char lower = text_lower(c);
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_hex(const struct line *line)
{
    for (size_t i = 0; i < line->size; i++)
        if (hex_of(line->at[i]) < 0)
            return false;
    return line->size % 2 == 0;
}

static void hex_line(struct coded *coded, const struct line *line)
{
    for (size_t i = 0; i + 1 < line->size; i += 2)
        coded->bytes[coded->size++] = (char)(hex_of(line->at[i]) * 16 + hex_of(line->at[i + 1]));
}

/* What the raw scan takes for a block (inspector/rawscan.h): enough lines of one width, or one long line. */
struct block {
    size_t lines; /* the last, shorter one too */
    size_t full;
    bool digests; /* of files */
    unsigned mix; /* upper case, lower case, digits: a ruler or a sequence of genes is no base64 */
};

enum { MIX_UPPER = 1, MIX_LOWER = 2, MIX_DIGIT = 4, MIX_ALL = 7 };

static void take_into_account(struct block *block, const struct line *line)
{
    block->lines++;
    block->digests &= rawscan_is_digest(line->at, line->size);
    for (size_t i = 0; i < line->size; i++) {
        char c = line->at[i];
        if (c >= 'A' && c <= 'Z')
            block->mix |= MIX_UPPER;
        else if (c >= 'a' && c <= 'z')
            block->mix |= MIX_LOWER;
        else if (c >= '0' && c <= '9')
            block->mix |= MIX_DIGIT;
    }
}

static bool goes_on(const struct line *line, const struct line *first, bool hex)
{
    return line->size && line->size <= first->size && (hex ? is_hex(line) : is_base64(line));
}

static struct block measure(struct coded *coded, const struct line *first, bool hex)
{
    struct block block = {.full = 1, .digests = true};
    struct line line;
    take_into_account(&block, first);
    while (next_body_line(coded, &line) && goes_on(&line, first, hex)) {
        take_into_account(&block, &line);
        if (line.size < first->size)
            break;
        block.full++;
    }
    return block;
}

static void decode_block(struct coded *coded, struct line line, size_t lines, bool hex)
{
    struct decoder decoder;
    decoder_init(&decoder, ENCODING_BASE64);
    do
        if (hex)
            hex_line(coded, &line);
        else
            feed(coded, &decoder, &line);
    while (--lines && next_body_line(coded, &line));
    coded->size += decoder_finish(&decoder, coded->bytes + coded->size);
}

/* The text goes on behind the block. */
static void read_block(struct coded *coded, const struct line *first)
{
    const char *after = coded->at;
    bool hex = is_hex(first);
    struct block block = measure(coded, first, hex);
    bool large = first->size >= (hex ? (size_t)HEX_RUN : BASE64_RUN) && (hex || block.mix == MIX_ALL);
    if (hex)
        large |= block.full >= HEX_LINES && (!block.digests || block.full * first->size >= HEX_RUN);
    else
        large |= block.full >= BASE64_LINES && block.mix == MIX_ALL;
    coded->at = after;
    decode_block(coded, *first, block.lines, hex);
    if (!large && !rawscan_magic(coded->bytes, coded->size))
        coded->size = 0;
    hand_on(coded);
}

/* --- RFC 7468 */

static bool has(const struct line *line, const char *word)
{
    return memmem(line->at, line->size, word, strlen(word)) != NULL;
}

/* A SEQUENCE under one of the labels of keys and certificates. */
static bool is_key(const struct coded *coded, const struct line *label)
{
    bool named = has(label, "KEY") || has(label, "CERTIFICATE") || has(label, " CRL") || has(label, "PARAM");
    return named && coded->size < PEM_BYTES_MAX && coded->bytes[0] == '0';
}

/* False: it never ends, so it is nothing. */
static bool read_pem(struct coded *coded, const struct line *label)
{
    const char *after = coded->at;
    struct decoder decoder;
    struct line line = {0};
    bool more, pgp = has(label, " PGP ");
    unsigned wide = 0; /* shorter lines may be words */
    decoder_init(&decoder, ENCODING_BASE64);
    while ((more = next_body_line(coded, &line)) && !starts(&line, "-----END "))
        if (!pgp && is_base64(&line)) {
            wide += line.size >= PEM_WIDTH;
            feed(coded, &decoder, &line);
        }
    coded->size += decoder_finish(&decoder, coded->bytes + coded->size);
    bool block = wide >= PEM_LINES || rawscan_magic(coded->bytes, coded->size);
    if (!more || !block || is_key(coded, label))
        coded->size = 0;
    if (!more)
        coded->at = after;
    hand_on(coded);
    return more;
}

/* --- yEnc */

static void yenc_line(struct coded *coded, const struct line *line)
{
    for (size_t i = 0; i < line->size; i++) {
        unsigned char c = (unsigned char)line->at[i];
        if (c == '=' && i + 1 < line->size)
            c = (unsigned char)((unsigned char)line->at[++i] - ESCAPE);
        coded->bytes[coded->size++] = (char)(c - YENC_OFFSET);
    }
}

static void read_yenc(struct coded *coded, const struct line *begin)
{
    struct line line;
    const char *name = memmem(begin->at, begin->size, " name=", 6);
    if (name)
        take_name(coded, name + 6, (size_t)(begin->at + begin->size - name) - 6);
    while (next_body_line(coded, &line) && !starts(&line, "=yend"))
        if (!starts(&line, "=ypart"))
            yenc_line(coded, &line);
    hand_on(coded);
}

/* --- text */

static void read_line(struct coded *coded, struct line line)
{
    const char *name;
    coded->quote = unquote(&line);
    if ((name = uu_name(&line, "begin ")) != NULL || (name = uu_name(&line, "begin-base64 ")) != NULL) {
        take_name(coded, name, (size_t)(line.at + line.size - name));
        if (starts(&line, "begin-"))
            read_base64_file(coded);
        else
            read_uu(coded);
    } else if (starts(&line, "=ybegin "))
        read_yenc(coded, &line);
    else if (starts(&line, "-----BEGIN ") && !has(&line, "PGP SIGNED MESSAGE") && !coded->endless)
        coded->endless = !read_pem(coded, &line);
    else if ((line.size >= BASE64_WIDTH && is_base64(&line)) || (line.size >= HEX_DIGITS && is_hex(&line)))
        read_block(coded, &line);
}

static void read_lines(struct coded *coded)
{
    struct line line;
    while (next_line(coded, &line) && budget_time(coded->reading->budget))
        read_line(coded, line);
}

/* Most text has none of it. */
static bool may_hold_files(const struct reading *reading)
{
    struct coded coded = {.at = reading->bytes, .end = reading->bytes + reading->size};
    struct line line;
    if (text_find(reading->bytes, reading->size, "begin", 5, 0) ||
        text_find(reading->bytes, reading->size, "-----BEGIN", 10, 5))
        return true;
    while (next_line(&coded, &line)) {
        unquote(&line);
        if (line.size >= HEX_DIGITS && !memchr(line.at, ' ', HEX_DIGITS))
            return true;
    }
    return false;
}

void coded_read(struct reading *reading)
{
    struct coded coded = {.reading = reading, .at = reading->bytes, .end = reading->bytes + reading->size};
    if (!may_hold_files(reading))
        return;
    coded.room = reading->size;
    coded.bytes = malloc(coded.room + DECODER_ROOM);
    if (coded.bytes)
        read_lines(&coded);
    else
        reading_raise(reading, PART_UNREAD, "no memory to read it");
    free(coded.bytes);
}
