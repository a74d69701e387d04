/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/html_tag.h"

#include "base/text.h"
#include "inspector/html_names.h"
#include "policy/fold.h"

#include <string.h>

enum { CODE_MAX = 0x10ffff, UNREADABLE = 0xfffd };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static const char *skip_spaces(const char *at, const char *end)
{
    while (at < end && is_space(*at))
        at++;
    return at;
}

static void add(char name[HTML_NAME_ROOM], char c)
{
    size_t size = strlen(name);
    if (size < HTML_NAME_ROOM - 1 && c) {
        name[size] = text_lower(c);
        name[size + 1] = '\0';
    }
}

static const char *read_value(const char *at, const char *end, struct html_attribute *attribute)
{
    at = skip_spaces(at, end);
    char quote = at < end && (*at == '"' || *at == '\'') ? *at++ : '\0';
    const char *start = at;
    if (quote) {
        const char *close = memchr(at, quote, (size_t)(end - at));
        at = close ? close : end;
    } else
        while (at < end && !is_space(*at) && *at != '>')
            at++;
    attribute->value = start;
    attribute->size = (size_t)(at - start);
    return quote && at < end ? at + 1 : at;
}

static const char *read_attribute(const char *at, const char *end, struct html_attribute *attribute)
{
    *attribute = (struct html_attribute){.value = at};
    /* A name may start with "=". */
    do
        add(attribute->name, *at++);
    while (at < end && !is_space(*at) && *at != '=' && *at != '>' && *at != '/');
    const char *after = skip_spaces(at, end);
    if (after < end && *after == '=')
        return read_value(after + 1, end, attribute);
    return at;
}

const char *html_tag_read(const char *at, const char *end, struct html_tag *tag_out)
{
    tag_out->name[0] = '\0';
    tag_out->n_attributes = 0;
    while (at < end && !is_space(*at) && *at != '>' && *at != '/')
        add(tag_out->name, *at++);
    for (;;) {
        while (at < end && (is_space(*at) || *at == '/'))
            at++;
        if (at >= end || *at == '>')
            return at < end ? at + 1 : end;
        struct html_attribute spare, *attribute = &spare;
        if (tag_out->n_attributes < HTML_ATTRIBUTES_MAX)
            attribute = &tag_out->attributes[tag_out->n_attributes++];
        at = read_attribute(at, end, attribute);
    }
}

const struct html_attribute *html_tag_find(const struct html_tag *tag, const char *name)
{
    for (size_t i = 0; i < tag->n_attributes; i++)
        if (!strcmp(tag->attributes[i].name, name))
            return &tag->attributes[i];
    return NULL;
}

/* 13.2.5.80: C1 controls are taken for Windows 1252's characters. */
static uint32_t mend_code(uint32_t code)
{
    static const uint16_t windows[32] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                         0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                         0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                         0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};
    if (code >= 0x80 && code < 0xa0)
        return windows[code - 0x80];
    return !code || code > CODE_MAX || (code >= 0xd800 && code < 0xe000) ? UNREADABLE : code;
}

static int digit_of(char c, unsigned base)
{
    int value = c >= '0' && c <= '9' ? c - '0' : -1;
    char lower = text_lower(c);
    if (base == 16 && lower >= 'a' && lower <= 'f')
        value = lower - 'a' + 10;
    return value;
}

static const char *read_number(const char *at, const char *end, uint32_t *code_out)
{
    unsigned base = at < end && text_lower(*at) == 'x' ? 16 : 10, digits = 0;
    uint64_t code = 0;
    at += base == 16;
    for (; at < end && digit_of(*at, base) >= 0; at++, digits++)
        code = code > CODE_MAX ? code : code * base + (unsigned)digit_of(*at, base);
    *code_out = digits ? mend_code(code > CODE_MAX ? CODE_MAX + 1 : (uint32_t)code) : 0;
    return at;
}

static const char *read_name(const char *at, const char *end, uint32_t *code_out)
{
    char name[HTML_NAME_MAX + 1];
    size_t size = 0;
    for (; at < end && size < HTML_NAME_MAX; at++) {
        char lower = text_lower(*at);
        if ((lower < 'a' || lower > 'z') && (*at < '0' || *at > '9'))
            break;
        name[size++] = *at;
    }
    name[size] = '\0';
    *code_out = size ? html_named(name) : 0;
    return at;
}

const char *html_reference(const char *at, const char *end, char utf8[HTML_REFERENCE_ROOM], size_t *size_out)
{
    uint32_t code = 0;
    bool number = at + 1 < end && at[1] == '#';
    const char *after = number ? read_number(at + 2, end, &code) : read_name(at + 1, end, &code);
    *size_out = 0;
    if (!code)
        return at;
    *size_out = fold_put(code, utf8);
    return after < end && *after == ';' ? after + 1 : after;
}

size_t html_value(const struct html_attribute *attribute, char *out, size_t room)
{
    const char *at = attribute->value, *end = at + attribute->size;
    size_t size = 0;
    while (at < end && size + HTML_REFERENCE_ROOM < room) {
        size_t length = 0;
        const char *after = *at == '&' ? html_reference(at, end, out + size, &length) : at;
        if (after > at) {
            size += length;
            at = after;
        } else
            out[size++] = *at++;
    }
    out[size] = '\0';
    return size;
}

bool html_tag_is_empty(const struct html_tag *tag)
{
    static const char *const names[] = {"area",  "base", "br",   "col",   "embed",  "hr",    "img",
                                        "input", "link", "meta", "param", "source", "track", "wbr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(tag->name, names[i]))
            return true;
    return false;
}

static bool attribute_says(const struct html_tag *tag, const char *name, const char *said)
{
    const struct html_attribute *attribute = html_tag_find(tag, name);
    return attribute && text_find(attribute->value, attribute->size, said, strlen(said), 0);
}

bool html_tag_turns(const struct html_tag *tag)
{
    bool bdo = !strcmp(tag->name, "bdo") && attribute_says(tag, "dir", "rtl");
    return bdo || (attribute_says(tag, "style", "bidi-override") && attribute_says(tag, "style", "rtl"));
}

/* Without blanks, in lower case, as far as it matters. */
bool html_style_hides(const char *style, size_t size)
{
    static const char *const hiding[] = {"display:none", "visibility:hidden", "mso-hide:all",
                                         "font-size:0;", "font-size:0px",     "opacity:0;"};
    char plain[512];
    size_t used = 0;
    for (size_t i = 0; i < size && used < sizeof plain - 2; i++)
        if (!strchr(" \t\r\n", style[i]))
            plain[used++] = text_lower(style[i]);
    plain[used++] = ';';
    plain[used] = '\0';
    for (size_t i = 0; i < sizeof hiding / sizeof *hiding; i++)
        if (strstr(plain, hiding[i]))
            return true;
    return false;
}

bool html_tag_shows(const struct html_tag *tag, const char *name)
{
    static const char *const shown[] = {"alt", "title", "placeholder", "label", "summary"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (!strcmp(name, shown[i]))
            return true;
    const struct html_attribute *type = html_tag_find(tag, "type");
    bool field = !strcmp(tag->name, "input") &&
                 !(type && type->size == 6 && text_starts_nocase(type->value, "hidden"));
    return field && !strcmp(name, "value");
}
