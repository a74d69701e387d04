/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/html.h"

#include "base/buffer.h"
#include "base/text.h"
#include "inspector/charset.h"
#include "inspector/html_page.h"
#include "inspector/html_tag.h"

#include <string.h>

/* DECLARED_WITHIN: where browsers look for what a page says of its charset. */
enum { DECLARED_WITHIN = 1024, CHARSET_ROOM = 32, BYTES_PER_CHARACTER = 4 };

static const char *const kinds[] = {"text/html", "application/xhtml+xml", NULL};

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')
        at++;
    return at;
}

/* "text/html; charset=utf-8" */
static void take_charset(const char *content, char charset[CHARSET_ROOM])
{
    size_t size = 0;
    const char *at = strstr(content, "charset");
    if (!at)
        return;
    at = skip_blanks(at + strlen("charset"));
    if (*at++ != '=')
        return;
    at = skip_blanks(at);
    at += *at == '"' || *at == '\'';
    while (size < CHARSET_ROOM - 1 && *at && !strchr(" \t\r\n;\"'", *at))
        charset[size++] = *at++;
    charset[size] = '\0';
}

static void read_meta(const struct html_tag *tag, char charset[CHARSET_ROOM])
{
    char value[256];
    const struct html_attribute *direct = html_tag_find(tag, "charset"),
                                *content = html_tag_find(tag, "content");
    if (direct && direct->size < CHARSET_ROOM) {
        (void)html_value(direct, charset, CHARSET_ROOM);
        text_lower_in_place(charset);
    } else if (content && html_tag_find(tag, "http-equiv")) {
        (void)html_value(content, value, sizeof value);
        text_lower_in_place(value);
        take_charset(value, charset);
    }
}

/* What the page says of itself; "" when nothing. */
static void find_declared(const struct reading *reading, char charset[CHARSET_ROOM])
{
    const char *at = reading->bytes,
               *end = at + (reading->size < DECLARED_WITHIN ? reading->size : DECLARED_WITHIN);
    struct html_tag tag;
    charset[0] = '\0';
    while (!charset[0] && (at = memchr(at, '<', (size_t)(end - at))) != NULL) {
        at++;
        if (end - at > 5 && text_starts_nocase(at, "meta") && strchr(" \t\r\n/", at[4])) {
            at = html_tag_read(at, end, &tag);
            read_meta(&tag, charset);
        }
    }
}

static void keep(void *context, const char *utf8, size_t size)
{
    buffer_append(context, utf8, size);
}

/* False: unknown charset, or no memory for it. */
static bool decode(const struct reading *reading, const char *charset, struct buffer *utf8)
{
    struct charset_decoder *decoder = charset_decoder_new(charset);
    buffer_init(utf8, BYTES_PER_CHARACTER * (size_t)BUDGET_DOCUMENT_MAX);
    if (decoder)
        charset_decode(decoder, reading->bytes, reading->size, true, keep, utf8);
    bool good = decoder && !utf8->failed;
    charset_decoder_free(decoder);
    return good;
}

static void read_in(struct reading *reading, const char *charset, bool hidden)
{
    struct buffer utf8;
    if (decode(reading, charset, &utf8))
        html_page_read(reading, buffer_text(&utf8), utf8.size, hidden);
    else
        reading_raise(reading, PART_UNREAD, "text in an unknown charset");
    buffer_free(&utf8);
}

/* ESC starts another charset in ISO-2022. */
static bool is_ascii(const struct reading *reading)
{
    for (size_t i = 0; i < reading->size; i++)
        if ((unsigned char)reading->bytes[i] >= 0x80 || reading->bytes[i] == '\x1b')
            return false;
    return true;
}

/* The message's word counts, then the page's. */
static const char *choose(const struct reading *reading, const char *declared)
{
    if (reading->charset[0] && charset_is_known(reading->charset))
        return reading->charset;
    if (text_is_utf8(reading->bytes, reading->size))
        return "utf-8";
    return charset_is_known(declared) ? declared : "windows-1252";
}

static void read_html(struct reading *reading)
{
    char declared[CHARSET_ROOM];
    find_declared(reading, declared);
    if (memchr(reading->bytes, '\0', reading->size)) {
        reading_raise(reading, PART_UNREAD, "not plain text");
        return;
    }
    /* UTF-16 said in ASCII is a slip of the pen, and browsers take it for UTF-8. */
    if (text_starts_nocase(declared, "utf-7"))
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, "a page in a charset that hides text");
    const char *charset = choose(reading, declared);
    bool as_it_is =
        is_ascii(reading) || (charset_is_utf8(charset) && text_is_utf8(reading->bytes, reading->size));
    size_t mark = reading->size >= 3 && !memcmp(reading->bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
    if (as_it_is)
        html_page_read(reading, reading->bytes + mark, reading->size - mark, false);
    else
        read_in(reading, charset, false);
    /* Whoever believes the page and not the message sees another text. */
    if (!is_ascii(reading) && charset_is_known(declared) && !charset_is_same(charset, declared) &&
        !reading->budget->exhausted)
        read_in(reading, declared, true);
}

const struct reader html_reader = {.name = "HTML", .kinds = kinds, .read = read_html};
