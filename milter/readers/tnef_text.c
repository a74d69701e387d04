/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/tnef_text.h"

#include "base/buffer.h"
#include "inspector/coded.h"
#include "inspector/html.h"
#include "inspector/plain.h"
#include "readers/lzfu.h"
#include "readers/outlet.h"
#include "readers/rtf.h"

#include <string.h>

enum { GARBLED_MAX = 8 /* characters that no text has */ };

/* Between the reader of another kind of text and the listener of this one. */
struct telling {
    const struct reading *outer;
    bool quiet, hidden;
    struct buffer *text; /* all of it */
};

static void tell_text(void *context, enum text_place place, const char *utf8, size_t size)
{
    const struct telling *telling = context;
    buffer_append(telling->text, utf8, size);
    if (!telling->quiet)
        telling->outer->listener->text(telling->outer->context, telling->hidden ? TEXT_HIDDEN : place, utf8,
                                       size);
}

static void tell_property(void *context, const char *name, const char *value)
{
    const struct telling *telling = context;
    telling->outer->listener->property(telling->outer->context, name, value);
}

static void tell_embedded(void *context, const char *name, const void *bytes, size_t size)
{
    const struct telling *telling = context;
    telling->outer->listener->embedded(telling->outer->context, name, bytes, size);
}

static void tell_closed(void *context, const char *name, unsigned flags, const char *why)
{
    const struct telling *telling = context;
    telling->outer->listener->closed(telling->outer->context, name, flags, why);
}

static void tell_raise(void *context, unsigned flags, const char *why)
{
    const struct telling *telling = context;
    telling->outer->listener->raise(telling->outer->context, flags, why);
}

/* The message is no document of the kind that its text has. */
static void tell_kind(void *context, const char *kind)
{
    (void)context;
    (void)kind;
}

static const struct reading_listener listener = {tell_text,   tell_property, tell_embedded,
                                                 tell_closed, tell_raise,    tell_kind};

static struct reading reading_of(const struct tnef_text *text, struct telling *telling,
                                 const struct buffer *bytes, const char *charset)
{
    struct reading inner = *text->reading;
    inner.bytes = buffer_text(bytes);
    inner.size = bytes->size;
    inner.charset = charset;
    inner.conversation = true;
    inner.listener = &listener;
    inner.context = telling;
    return inner;
}

static void read_as(struct tnef_text *text, const struct reader *reader, const struct buffer *bytes,
                    const char *charset)
{
    struct buffer seen;
    struct telling telling = {.outer = text->reading, .hidden = text->told, .text = &seen};
    struct reading inner = reading_of(text, &telling, bytes, charset);
    buffer_init(&seen, BUDGET_DOCUMENT_MAX);
    text->told = true;
    reader->read(&inner);
    inner = reading_of(text, &telling, &seen, "utf-8");
    if (seen.failed)
        reading_raise(text->reading, PART_UNREAD, "no memory to read it");
    else if (reader != &plain_reader)
        coded_read(&inner);
    buffer_free(&seen);
}

/* Without the NUL that may end it. */
static void say(struct reading *reading, enum text_place place, const struct tnef_string *string,
                unsigned codepage)
{
    struct outlet outlet;
    struct bytes bytes = string->bytes;
    unsigned wide = string->codepage == CODEPAGE_UTF16 ? 2 : 1;
    while (bytes.size >= wide && !bytes_little(bytes, bytes.size - wide, wide))
        bytes.size -= wide;
    outlet_open(&outlet, reading, place);
    outlet_codepage(&outlet, string->codepage ? string->codepage : codepage, bytes.at, bytes.size);
    outlet_put(&outlet, '\n');
    outlet_flush(&outlet);
}

/* Bytes that are no UTF-16 become characters of private use (not those of symbol fonts, from U+F000 on), and
 * what has no character (U+FFFD). */
static bool is_garbled(const struct buffer *utf8)
{
    const uint8_t *bytes = (const uint8_t *)buffer_text(utf8);
    unsigned garbled = 0;
    for (size_t i = 0; i < utf8->size; i++)
        garbled += bytes[i] == 0xee ||
                   (bytes[i] == 0xef && utf8->size - i > 2 && bytes[i + 1] == 0xbf && bytes[i + 2] == 0xbd);
    return garbled > GARBLED_MAX;
}

void tnef_text_title(struct tnef_text *text, const struct tnef_string *title)
{
    say(text->reading, TEXT_TITLE, title, text->codepage);
}

void tnef_text_plain(struct tnef_text *text, const struct tnef_string *plain)
{
    struct buffer utf8;
    struct telling telling = {.outer = text->reading, .quiet = true, .text = &utf8};
    buffer_init(&utf8, BUDGET_DOCUMENT_MAX);
    struct reading inner = reading_of(text, &telling, &utf8, "utf-8");
    say(&inner, TEXT_BODY, plain, text->codepage);
    if (is_garbled(&utf8) || utf8.failed)
        reading_raise(text->reading, PART_UNREAD, "not plain text");
    read_as(text, &plain_reader, &utf8, "utf-8");
    buffer_free(&utf8);
}

void tnef_text_other(struct tnef_text *text, const struct tnef_string *other)
{
    bool told = text->told;
    text->told = true;
    tnef_text_plain(text, other);
    text->told = told;
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

void tnef_text_html(struct tnef_text *text, const struct tnef_string *html)
{
    struct buffer copy;
    buffer_init(&copy, BUDGET_DOCUMENT_MAX);
    buffer_append(&copy, html->bytes.at, html->bytes.size);
    if (!plain_is_text(buffer_text(&copy), copy.size))
        reading_raise(text->reading, PART_UNREAD, "not plain text");
    read_as(text, &html_reader, &copy, charset_of(html->codepage));
    buffer_free(&copy);
}

void tnef_text_rtf(struct tnef_text *text, struct bytes compressed)
{
    static const char start[] = "{\\rtf";
    struct buffer rtf;
    if (!budget_bytes(text->reading->budget, bytes_u32(compressed, 4))) {
        reading_raise(text->reading, PART_UNREAD, text->reading->budget->exhausted);
        return;
    }
    buffer_init(&rtf, BUDGET_DOCUMENT_MAX);
    const char *why = lzfu_unpack(compressed, &rtf);
    if (why || rtf.size < sizeof start - 1 || memcmp(buffer_text(&rtf), start, sizeof start - 1) != 0)
        reading_raise(text->reading, PART_UNREAD | PART_AMBIGUOUS, "damaged text");
    if (rtf.size)
        read_as(text, &rtf_reader, &rtf, "");
    buffer_free(&rtf);
}
