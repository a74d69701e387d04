/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/html_data.h"

#include "base/text.h"
#include "inspector/decode.h"

#include <stdlib.h>
#include <string.h>

enum { LINK_TYPE_MAX = 512 };

struct link {
    const char *data, *end;
    bool base64;
};

static bool is_name(char c)
{
    char lower = text_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

/* Behind "data:". The type ends with the first comma; a link ends with the quote or bracket around it, which
 * no link holds unescaped. */
static bool cut_link(const char *at, const char *end, struct link *link_out)
{
    const char *limit = end - at > LINK_TYPE_MAX ? at + LINK_TYPE_MAX : end;
    const char *comma = memchr(at, ',', (size_t)(limit - at));
    if (!comma)
        return false;
    size_t type = (size_t)(comma - at);
    while (type && (at[type - 1] == ' ' || at[type - 1] == '\t'))
        type--;
    link_out->base64 = type >= 6 && text_starts_nocase(at + type - 6, "base64");
    link_out->data = comma + 1;
    for (at = comma + 1; at < end && !strchr("\"')<>", *at);)
        at++;
    link_out->end = at;
    return true;
}

static int hex_of(char c)
{
    char lower = text_lower(c);
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Percent signs resolved; line ends and tabs, which browsers leave out, dropped. What follows base64's
 * padding is something else: the size of a picture in a list of them. */
static size_t resolve(const struct link *link, char *out)
{
    size_t size = 0;
    for (const char *at = link->data; at < link->end; at++) {
        if (*at == '\r' || *at == '\n' || *at == '\t' || (link->base64 && *at == ' '))
            continue;
        bool escaped = *at == '%' && link->end - at > 2 && hex_of(at[1]) >= 0 && hex_of(at[2]) >= 0;
        char c = escaped ? (char)(hex_of(at[1]) * 16 + hex_of(at[2])) : *at;
        if (link->base64 && size && out[size - 1] == '=' && c != '=')
            break;
        out[size++] = c;
        at += escaped ? 2 : 0;
    }
    return size;
}

static size_t from_base64(char *bytes, size_t size, char *out)
{
    struct decoder decoder;
    for (size_t i = 0; i < size; i++)
        bytes[i] = bytes[i] == '-' ? '+' : bytes[i] == '_' ? '/' : bytes[i];
    decoder_init(&decoder, ENCODING_BASE64);
    size_t used = decoder_feed(&decoder, bytes, size, out);
    return used + decoder_finish(&decoder, out + used);
}

static bool hand_on(struct reading *reading, const struct link *link)
{
    size_t room = (size_t)(link->end - link->data) + 8;
    if (!budget_bytes(reading->budget, room)) {
        reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
        return false;
    }
    char *plain = malloc(2 * room);
    if (!plain) {
        reading_raise(reading, PART_UNREAD, "no memory for a file in it");
        return false;
    }
    char *bytes = plain + room;
    size_t size = resolve(link, plain);
    if (link->base64)
        size = from_base64(plain, size, bytes);
    bool go_on = !size || reading_embedded(reading, NULL, link->base64 ? bytes : plain, size);
    free(plain);
    return go_on;
}

bool html_data_read(struct reading *reading, const char *text, size_t size)
{
    const char *end = text + size;
    struct link link;
    for (const char *at = text; (at = memchr(at, ':', (size_t)(end - at))) != NULL; at++) {
        bool named =
            at - text >= 4 && text_starts_nocase(at - 4, "data:") && (at - text == 4 || !is_name(at[-5]));
        if (!named || !cut_link(at + 1, end, &link))
            continue;
        if (!hand_on(reading, &link))
            return false;
        at = link.end - 1;
    }
    return true;
}
