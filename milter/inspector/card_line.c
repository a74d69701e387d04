/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/card_line.h"

#include "base/text.h"
#include "inspector/decode.h"

#include <stdlib.h>
#include <string.h>

/* Folds are a line end and a blank (RFC 5545 3.1); in vCard 2.1 a "=" at the end of a quoted-printable line.
 * `out` holds size + 1 bytes; lines end with LF. */
size_t card_unfold(const char *bytes, size_t size, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        bool crlf = bytes[i] == '\r' && i + 1 < size && bytes[i + 1] == '\n';
        size_t after = i + (crlf ? 2 : 1);
        if ((crlf || bytes[i] == '\n') && after < size && (bytes[after] == ' ' || bytes[after] == '\t')) {
            i = after;
            continue;
        }
        if (!crlf)
            out[used++] = bytes[i];
    }
    return used;
}

/* [group.]NAME[;params]:value */
static bool read_property(const char *line, size_t size, struct card_property *property)
{
    size_t at = 0, name = 0;
    while (at < size && !strchr(";:", line[at])) {
        unsigned char c = (unsigned char)line[at++];
        if (c == '.') {
            name = 0;
            continue;
        }
        bool good = c == '-' || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                    (c >= 'a' && c <= 'z');
        if (!good || name == CARD_NAME_MAX)
            return false;
        property->name[name++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    property->name[name] = '\0';
    property->params = line + at;
    for (bool quoted = false; at < size && (quoted || line[at] != ':'); at++)
        quoted ^= line[at] == '"';
    if (!name || at == size)
        return false;
    property->params_size = (size_t)(line + at - property->params);
    property->value = line + at + 1;
    property->value_size = size - at - 1;
    return true;
}

static bool has_param(const struct card_property *property, const char *wanted)
{
    size_t length = strlen(wanted);
    for (size_t i = 0; i + length < property->params_size; i++) {
        const char *at = property->params + i;
        char stop = i + 1 + length < property->params_size ? at[1 + length] : ';';
        if (*at == ';' && text_starts_nocase(at + 1, wanted) && (stop == ';' || stop == ','))
            return true;
    }
    return false;
}

bool card_says_binary(const struct card_property *property)
{
    static const char *const params[] = {"ENCODING=B",     "ENCODING=BASE64", "BASE64",
                                         "ENCODING=\"B\"", "VALUE=BINARY",    "TYPE=BASE64"};
    for (size_t i = 0; i < sizeof params / sizeof *params; i++)
        if (has_param(property, params[i]))
            return true;
    return false;
}

bool card_is_quoted(const struct card_property *property)
{
    return has_param(property, "ENCODING=QUOTED-PRINTABLE") || has_param(property, "QUOTED-PRINTABLE");
}

/* vCard 2.1 goes on after a "=" at the end of a quoted-printable line. */
size_t card_property_read(const char *text, const char *end, struct card_property *property)
{
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    size_t length = (size_t)((stop ? stop : end) - text);
    if (!read_property(text, length, property))
        return 0;
    while (card_is_quoted(property) && stop && length && text[length - 1] == '=') {
        stop = memchr(text + length + 1, '\n', (size_t)(end - text) - length - 1);
        length = (size_t)((stop ? stop : end) - text);
    }
    property->value_size = (size_t)(text + length - property->value);
    return length;
}

char *card_decode(const char *value, size_t value_size, enum encoding encoding, size_t *size_out,
                  const char **odd_out)
{
    struct decoder decoder;
    char *bytes = malloc(value_size + 8);
    *odd_out = NULL;
    if (!bytes)
        return NULL;
    decoder_init(&decoder, encoding);
    *size_out = decoder_feed(&decoder, value, value_size, bytes);
    *size_out += decoder_finish(&decoder, bytes + *size_out);
    *odd_out = decoder.odd;
    return bytes;
}

bool card_data_link(const struct card_property *property, const char **base64_out, size_t *size_out)
{
    static const char data[] = "data:", mark[] = ";base64,";
    if (property->value_size < sizeof data || !text_starts_nocase(property->value, data))
        return false;
    const char *at = memmem(property->value, property->value_size, mark, sizeof mark - 1);
    if (!at)
        return false;
    *base64_out = at + sizeof mark - 1;
    *size_out = property->value_size - (size_t)(*base64_out - property->value);
    return true;
}
