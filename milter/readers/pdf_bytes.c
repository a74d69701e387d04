/* SPDX-License-Identifier: Apache-2.0 */

/* What poppler does not tell. Labels of confidentiality stand in the Info dictionary under names of their own
 * (ISO 32000-1, 14.3.3), of which poppler's C interface tells only the standard ones. Read as it stands in
 * the file: inside an object stream or an encrypted document it is not seen, where XMP has to say it. Scripts
 * that poppler does not look for are seen in the same way. */

#include "base/text.h"
#include "inspector/charset.h"
#include "readers/pdf_parts.h"

#include <stdio.h>
#include <string.h>

enum {
    HEAD_BYTES = 256 * 1024,
    TAIL_BYTES = 1024 * 1024,
    NAME_ROOM_BYTES = 128,
    VALUE_ROOM = 4096, /* longer ones are cut */
    UTF8_ROOM = 3 * VALUE_ROOM,
    TOKENS_MAX = 1000,
    DEPTH_MAX = 32,
    NUMBER_ROOM = 24,
};

struct cursor {
    const char *at, *end;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\0';
}

static bool ends_token(char c)
{
    return is_blank(c) || strchr("()<>[]{}/%", c);
}

static int hex_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Trailers, and what they point to, stand at the end, or at the start of a file made for the Web. Between
 * them lie pictures. */
static struct cursor tail_of(struct cursor all)
{
    bool small = all.end - all.at <= TAIL_BYTES;
    return (struct cursor){small ? all.at : all.end - TAIL_BYTES, all.end};
}

static struct cursor head_of(struct cursor all)
{
    bool small = all.end - all.at <= HEAD_BYTES;
    return (struct cursor){all.at, small ? all.end : all.at + HEAD_BYTES};
}

/* NULL: not there. */
static const char *find_last(struct cursor all, const char *what)
{
    return text_find_last(all.at, (size_t)(all.end - all.at), what, strlen(what), 0);
}

static const char *find_at_ends(struct cursor all, const char *what)
{
    const char *found = find_last(tail_of(all), what);
    return found ? found : find_last(head_of(all), what);
}

static void skip_blanks(struct cursor *cursor)
{
    while (cursor->at < cursor->end && is_blank(*cursor->at))
        cursor->at++;
}

static bool take_number(struct cursor *cursor, unsigned *number_out)
{
    unsigned number = 0, digits = 0;
    skip_blanks(cursor);
    for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9' && digits < 9;
         cursor->at++, digits++)
        number = number * 10 + (unsigned)(*cursor->at - '0');
    *number_out = number;
    return digits > 0;
}

/* Behind "5 0 obj"; "15 0 obj" ends like it. */
static bool find_object(struct cursor part, const char *header, struct cursor *object_out)
{
    const char *at;
    for (struct cursor before = part; (at = find_last(before, header)) != NULL; before.end = at)
        if (at == part.at || is_blank(at[-1])) {
            *object_out = (struct cursor){at + strlen(header), part.end};
            return true;
        }
    return false;
}

/* "/Info 5 0 R". */
static bool find_info(struct cursor all, struct cursor *info_out)
{
    char header[NUMBER_ROOM * 2];
    unsigned number, generation;
    struct cursor cursor = {.at = find_at_ends(all, "/Info"), .end = all.end};
    if (!cursor.at)
        return false;
    cursor.at += strlen("/Info");
    if (!take_number(&cursor, &number) || !take_number(&cursor, &generation))
        return false;
    (void)snprintf(header, sizeof header, "%u %u obj", number, generation);
    return find_object(tail_of(all), header, info_out) || find_object(head_of(all), header, info_out);
}

static size_t take_name(struct cursor *cursor, char name[NAME_ROOM_BYTES])
{
    size_t size = 0;
    for (; cursor->at < cursor->end && !ends_token(*cursor->at); cursor->at++) {
        char c = *cursor->at;
        if (c == '#' && cursor->end - cursor->at > 2 && hex_of(cursor->at[1]) >= 0 &&
            hex_of(cursor->at[2]) >= 0) {
            c = (char)(hex_of(cursor->at[1]) * 16 + hex_of(cursor->at[2]));
            cursor->at += 2;
        }
        if (size < NAME_ROOM_BYTES - 1 && c)
            name[size++] = c;
    }
    name[size] = '\0';
    return size;
}

static char escaped(struct cursor *cursor)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    char c = *cursor->at;
    const char *known = memchr(from, c, sizeof from - 1);
    if (known)
        return to[known - from];
    if (c < '0' || c > '7')
        return c;
    unsigned octal = 0;
    for (int i = 0; i < 3 && cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '7';
         i++, cursor->at++)
        octal = octal * 8 + (unsigned)(*cursor->at - '0');
    cursor->at--;
    return (char)octal;
}

/* Behind its "(". */
static size_t take_literal(struct cursor *cursor, char value[VALUE_ROOM])
{
    size_t size = 0;
    unsigned open = 1;
    for (; cursor->at < cursor->end; cursor->at++) {
        char c = *cursor->at;
        open += c == '(';
        if (c == ')' && --open == 0) {
            cursor->at++;
            break;
        }
        if (c == '\\' && ++cursor->at < cursor->end) {
            if (*cursor->at == '\n' || *cursor->at == '\r')
                continue;
            c = escaped(cursor);
        }
        if (size < VALUE_ROOM)
            value[size++] = c;
    }
    return size;
}

/* Behind its "<". */
static size_t take_hex(struct cursor *cursor, char value[VALUE_ROOM])
{
    size_t digits = 0;
    int byte = 0;
    for (; cursor->at < cursor->end && *cursor->at != '>'; cursor->at++) {
        int digit = hex_of(*cursor->at);
        if (digit < 0)
            continue;
        byte = byte * 16 + digit;
        if (++digits % 2 == 0 && digits / 2 <= VALUE_ROOM) {
            value[digits / 2 - 1] = (char)byte;
            byte = 0;
        }
    }
    cursor->at += cursor->at < cursor->end;
    return digits / 2 < VALUE_ROOM ? digits / 2 : VALUE_ROOM;
}

struct told {
    char utf8[UTF8_ROOM];
    size_t size;
};

static void keep(void *context, const char *utf8, size_t size)
{
    struct told *told = context;
    for (size_t i = 0; i < size && told->size < UTF8_ROOM - 1; i++)
        if (utf8[i])
            told->utf8[told->size++] = utf8[i];
}

static void keep_utf16(struct told *told, const char *value, size_t size)
{
    gunichar2 units[VALUE_ROOM / 2];
    size_t n = size / 2;
    for (size_t i = 0; i < n; i++)
        units[i] = (gunichar2)((unsigned char)value[2 * i] << 8 | (unsigned char)value[2 * i + 1]);
    char *utf8 = g_utf16_to_utf8(units, (glong)n, NULL, NULL, NULL);
    if (utf8)
        keep(told, utf8, strlen(utf8));
    g_free(utf8);
}

/* A text string (7.9.2.2): UTF-16 or UTF-8 by its mark, else PDFDocEncoding, whose letters are Latin 1's. */
static void tell(struct reading *reading, const char *name, const char *value, size_t size)
{
    struct told told = {.size = 0};
    bool utf8 = size >= 3 && !memcmp(value, "\xef\xbb\xbf", 3);
    if (size >= 2 && !memcmp(value, "\xfe\xff", 2))
        keep_utf16(&told, value + 2, size - 2);
    else {
        struct charset_decoder *decoder = charset_decoder_new(utf8 ? "utf-8" : "iso-8859-1");
        if (decoder)
            charset_decode(decoder, value + (utf8 ? 3 : 0), size - (utf8 ? 3 : 0), true, keep, &told);
        charset_decoder_free(decoder);
    }
    told.utf8[told.size] = '\0';
    if (told.size && text_is_utf8(name, strlen(name)))
        reading_property(reading, name, told.utf8);
}

static bool is_standard(const char *name)
{
    static const char *const names[] = {"Title",    "Author",       "Subject", "Keywords", "Creator",
                                        "Producer", "CreationDate", "ModDate", "Trapped"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

/* One token of the dictionary's first level. False: its end. */
static bool take_entry(struct reading *reading, struct cursor *cursor, char name[NAME_ROOM_BYTES],
                       unsigned *depth)
{
    char value[VALUE_ROOM];
    skip_blanks(cursor);
    if (cursor->at >= cursor->end)
        return false;
    char c = *cursor->at++;
    bool twice = cursor->at < cursor->end && *cursor->at == c;
    size_t size = 0;
    if (c == '/') {
        (void)take_name(cursor, name);
        return true;
    }
    if ((c == '<' || c == '>') && twice) {
        cursor->at++;
        *depth = c == '<' ? *depth + 1 : *depth - 1;
        return *depth && *depth < DEPTH_MAX;
    }
    if (c == '(')
        size = take_literal(cursor, value);
    else if (c == '<')
        size = take_hex(cursor, value);
    if (size && *depth == 1 && name[0] && !is_standard(name))
        tell(reading, name, value, size);
    name[0] = '\0';
    return true;
}

static void read_info(struct reading *reading, struct cursor all)
{
    char name[NAME_ROOM_BYTES] = "";
    struct cursor info;
    unsigned depth = 0;
    if (find_at_ends(all, "/Encrypt") || !find_info(all, &info))
        return;
    for (unsigned n = 0; n < TOKENS_MAX && budget_time(reading->budget); n++)
        if (!take_entry(reading, &info, name, &depth))
            return;
}

void pdf_read_bytes(struct reading *reading)
{
    const struct cursor all = {reading->bytes, reading->bytes + reading->size};
    const char *mark = find_at_ends(all, "%%EOF");
    struct cursor tail = {mark ? mark + strlen("%%EOF") : all.end, all.end};
    skip_blanks(&tail);
    if (!mark)
        reading_raise(reading, PART_UNREAD, "cut off");
    else if (tail.at < tail.end)
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, "bytes behind its end");
    if (find_at_ends(all, "/XFA"))
        reading_raise(reading, PART_UNREAD, "a form in XML");
    if (find_at_ends(all, "/JavaScript"))
        reading_raise(reading, PART_MACRO, "a script");
    read_info(reading, all);
}
