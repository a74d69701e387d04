/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/card_reader.h"

#include "base/buffer.h"
#include "base/text.h"
#include "inspector/card_line.h"
#include "inspector/html_page.h"

#include <stdlib.h>
#include <string.h>

/* RFC 5545 3.3.11: \\n, \\, and \\; stand for themselves. */
static void unescape(const char *value, size_t size, struct buffer *text)
{
    const char *end = value + size, *sign;
    while ((sign = memchr(value, '\\', (size_t)(end - value))) && sign + 1 < end) {
        bool newline = sign[1] == 'n' || sign[1] == 'N';
        buffer_append(text, value, (size_t)(sign - value));
        buffer_append(text, newline ? "\n" : sign + 1, 1);
        value = sign + 2;
    }
    buffer_append(text, value, (size_t)(end - value));
    buffer_append(text, "\n", 1);
}

/* Outlook shows X-ALT-DESC, and Google's calendar descriptions, as pages. */
static bool is_page(const char *text, size_t size)
{
    for (const char *at = text, *end = text + size; (at = memchr(at, '<', (size_t)(end - at))) != NULL; at++)
        if (end - at > 1 && (at[1] == '/' || (text_lower(at[1]) >= 'a' && text_lower(at[1]) <= 'z')))
            return true;
    return false;
}

static bool put_text(struct reading *reading, const char *value, size_t size)
{
    struct buffer text;
    buffer_init(&text, BUDGET_DOCUMENT_MAX);
    unescape(value, size, &text);
    bool more = reading_text(reading, TEXT_BODY, buffer_text(&text), text.size);
    if (text.failed)
        reading_raise(reading, PART_UNREAD, "no memory for it");
    else if (more && is_page(text.bytes, text.size) && text_is_utf8(text.bytes, text.size))
        html_page_read(reading, text.bytes, text.size, false);
    buffer_free(&text);
    return more && !reading->budget->exhausted;
}

static bool read_encoded(struct reading *reading, const char *name, const char *value, size_t size,
                         enum encoding encoding)
{
    const char *odd;
    size_t decoded;
    if (!budget_bytes(reading->budget, size)) {
        reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
        return false;
    }
    char *bytes = card_decode(value, size, encoding, &decoded, &odd);
    if (!bytes || odd)
        reading_raise(reading, PART_UNREAD, bytes ? odd : "no memory for it");
    bool more = bytes && (encoding == ENCODING_BASE64 ? reading_embedded(reading, name, bytes, decoded)
                                                      : put_text(reading, bytes, decoded));
    free(bytes);
    return more;
}

static bool read_property(struct reading *reading, const struct card_property *property)
{
    const char *base64;
    size_t size;
    if (card_says_binary(property))
        return read_encoded(reading, property->name, property->value, property->value_size, ENCODING_BASE64);
    if (card_data_link(property, &base64, &size))
        return read_encoded(reading, property->name, base64, size, ENCODING_BASE64);
    if (card_is_quoted(property))
        return read_encoded(reading, property->name, property->value, property->value_size, ENCODING_QUOTED);
    return put_text(reading, property->value, property->value_size);
}

static void read_lines(struct reading *reading, const char *text, size_t size)
{
    const char *end = text + size;
    struct card_property property;
    while (text < end) {
        if (*text == '\n' || *text == '\r') {
            text++;
            continue;
        }
        size_t length = card_property_read(text, end, &property);
        if (!length) {
            reading_raise(reading, PART_UNREAD, "a line that is no property");
            return;
        }
        if (!read_property(reading, &property))
            return;
        text += length;
    }
}

static void read_card(struct reading *reading)
{
    if (memchr(reading->bytes, '\0', reading->size)) {
        reading_raise(reading, PART_UNREAD, "not plain text");
        return;
    }
    char *text = calloc(1, reading->size + 1);
    if (!text) {
        reading_raise(reading, PART_UNREAD, "no memory for it");
        return;
    }
    read_lines(reading, text, card_unfold(reading->bytes, reading->size, text));
    free(text);
}

static const char *const kinds[] = {"text/vcard", "text/calendar", NULL};

const struct reader card_reader = {.name = "cards and calendars", .kinds = kinds, .read = read_card};
