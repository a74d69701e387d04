/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/coded.h"

#include "base/text.h"
#include "inspector/decode.h"
#include "inspector/rawscan.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_NAME_ROOM = 256, ESCAPE = 64, YENC_OFFSET = 42, DECODER_ROOM = 4 };

struct line {
    const char *at;
    size_t size;
};

struct coded {
    struct reading *reading;
    const char *at, *end; /* what comes */
    size_t quote;         /* characters before each line of the file */
    char name[FILE_NAME_ROOM];
    char *bytes;
    size_t size, room; /* room: as many bytes as the text has */
};

static bool is_quote(char c)
{
    return c == '>' || c == '|' || c == ' ' || c == '\t';
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

/* Lines of one width and the last, shorter one. */
static size_t count_block(struct coded *coded, size_t width, bool hex)
{
    struct line line;
    size_t n = 1;
    while (next_body_line(coded, &line) && (hex ? line.size && is_hex(&line) : is_base64(&line)) &&
           line.size <= width) {
        n++;
        if (line.size < width)
            break;
    }
    return n;
}

/* The text goes on behind the block. */
static void read_block(struct coded *coded, const struct line *first)
{
    struct decoder decoder;
    struct line line = *first;
    const char *after = coded->at;
    bool hex = is_hex(first);
    size_t n = count_block(coded, first->size, hex);
    coded->at = after;
    if (n < (hex ? (size_t)HEX_LINES : BASE64_LINES) && first->size < (hex ? (size_t)HEX_RUN : BASE64_RUN))
        return;
    decoder_init(&decoder, ENCODING_BASE64);
    do
        if (hex)
            hex_line(coded, &line);
        else
            feed(coded, &decoder, &line);
    while (--n && next_body_line(coded, &line));
    coded->size += decoder_finish(&decoder, coded->bytes + coded->size);
    hand_on(coded);
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
    const char *start = line.at, *name;
    while (line.size && is_quote(*line.at)) {
        line.at++;
        line.size--;
    }
    coded->quote = (size_t)(line.at - start);
    if ((name = uu_name(&line, "begin ")) != NULL || (name = uu_name(&line, "begin-base64 ")) != NULL) {
        take_name(coded, name, (size_t)(line.at + line.size - name));
        if (starts(&line, "begin-"))
            read_base64_file(coded);
        else
            read_uu(coded);
    } else if (starts(&line, "=ybegin "))
        read_yenc(coded, &line);
    else if (line.size >= BASE64_WIDTH && is_base64(&line))
        read_block(coded, &line);
}

/* Keys, certificates and OpenPGP armour are no files. */
static void read_lines(struct coded *coded)
{
    struct line line;
    bool armour = false;
    while (next_line(coded, &line) && budget_time(coded->reading->budget)) {
        if (starts(&line, "-----BEGIN "))
            armour = true;
        else if (starts(&line, "-----END "))
            armour = false;
        else if (!armour)
            read_line(coded, line);
    }
}

/* Most text has none of it. */
static bool may_hold_files(const struct reading *reading)
{
    struct coded coded = {.at = reading->bytes, .end = reading->bytes + reading->size};
    struct line line;
    if (memmem(reading->bytes, reading->size, "begin", 5))
        return true;
    while (next_line(&coded, &line))
        if (line.size >= BASE64_WIDTH && !memchr(line.at, ' ', BASE64_WIDTH / 2))
            return true;
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
