/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/fields.h"

#include "base/text.h"
#include "inspector/references.h"

#include <string.h>

static size_t line_end(const char *section, size_t size, size_t at)
{
    const char *end = memchr(section + at, '\n', size - at);
    return end ? (size_t)(end - section) + 1 : size;
}

bool field_next(const char *section, size_t size, size_t *at, struct field *field_out)
{
    if (*at >= size)
        return false;
    size_t start = *at, end = line_end(section, size, start);
    while (end < size && (section[end] == ' ' || section[end] == '\t'))
        end = line_end(section, size, end);
    *at = end;
    const char *colon = memchr(section + start, ':', end - start);
    *field_out = (struct field){.value = section + start, .value_size = end - start};
    if (!colon || colon == section + start)
        return true;
    size_t name_size = (size_t)(colon - section) - start;
    for (size_t i = 0; i < name_size; i++) {
        unsigned char c = (unsigned char)section[start + i];
        /* RFC 5322 4.5.8 lets old mail put blanks before the colon; control characters and inner blanks are
         * no name. */
        if (c <= 0x20 || c >= 0x7f)
            return true;
    }
    field_out->name = section + start;
    field_out->name_size = name_size;
    field_out->value = colon + 1;
    field_out->value_size = end - start - name_size - 1;
    return true;
}

bool field_is(const struct field *field, const char *name)
{
    if (!field->name || strlen(name) != field->name_size)
        return false;
    for (size_t i = 0; i < field->name_size; i++)
        if (text_lower(field->name[i]) != text_lower(name[i]))
            return false;
    return true;
}

/* A cursor over one unfolded value. */
struct scan {
    const char *at, *end;
    const char **odd;
};

static void note(struct scan *scan, const char *why)
{
    if (!*scan->odd)
        *scan->odd = why;
}

static void skip_blank(struct scan *scan)
{
    while (scan->at < scan->end && strchr(" \t\r\n", *scan->at) && *scan->at)
        scan->at++;
    if (scan->at < scan->end && *scan->at == '(') {
        note(scan, "comment in a structural header");
        const char *close = memchr(scan->at, ')', (size_t)(scan->end - scan->at));
        scan->at = close ? close + 1 : scan->end;
        skip_blank(scan);
    }
}

static bool token_char(char c)
{
    return (unsigned char)c > 0x20 && (unsigned char)c < 0x7f && !strchr("()<>@,;:\\\"[]?=", c);
}

/* Up to the next special; cut at room - 1. `lower` for words that are compared. */
static size_t read_token(struct scan *scan, const char *also, char *out, size_t room)
{
    size_t size = 0;
    for (; scan->at < scan->end && (token_char(*scan->at) || (*scan->at && strchr(also, *scan->at)));
         scan->at++)
        if (size + 1 < room)
            out[size++] = *scan->at;
    out[size] = '\0';
    return size;
}

static size_t read_quoted(struct scan *scan, char *out, size_t room)
{
    size_t size = 0;
    for (scan->at++; scan->at < scan->end && *scan->at != '"'; scan->at++) {
        if (*scan->at == '\\' && scan->at + 1 < scan->end)
            scan->at++;
        if (size + 1 < room)
            out[size++] = *scan->at;
    }
    if (scan->at == scan->end)
        note(scan, "unclosed quote in a structural header");
    else
        scan->at++;
    out[size] = '\0';
    return size;
}

/* The value may be longer than `out`: then the size says so. */
static size_t read_value(struct scan *scan, char *out, size_t room)
{
    skip_blank(scan);
    if (scan->at < scan->end && *scan->at == '"')
        return read_quoted(scan, out, room);
    /* Unquoted specials are wrong but common in boundaries and in file names. */
    return read_token(scan, "/=?:@<>[],", out, room);
}

static void take_boundary(struct scan *scan, struct structure_fields *fields, const char *value, size_t size)
{
    if (fields->boundary_size &&
        (fields->boundary_size != size || memcmp(fields->boundary, value, size) != 0))
        note(scan, "two boundaries for one multipart");
    if (size > BOUNDARY_MAX || size == 0) {
        note(scan, size ? "boundary of more than 200 characters" : "empty boundary");
        fields->too_long |= size != 0;
        return;
    }
    if (strpbrk(value, "\r\n\t") || value[size - 1] == ' ')
        note(scan, "boundary with blanks or control characters");
    if (fields->boundary_size)
        return;
    memcpy(fields->boundary, value, size + 1);
    fields->boundary_size = size;
}

static void take_parameter(struct scan *scan, struct structure_fields *fields, const char *name,
                           const char *value, size_t size)
{
    if (text_equal_nocase(name, "boundary"))
        take_boundary(scan, fields, value, size);
    else if (text_starts_nocase(name, "boundary*") || text_starts_nocase(name, "charset*"))
        note(scan, "boundary or charset in pieces");
    else if (text_equal_nocase(name, "charset") && size < CHARSET_MAX) {
        if (fields->charset[0] && !text_equal_nocase(fields->charset, value))
            note(scan, "two charsets for one part");
        memcpy(fields->charset, value, size + 1);
    }
}

static void read_parameters(struct scan *scan, struct structure_fields *fields)
{
    char name[64], value[BOUNDARY_MAX + 8];
    for (;;) {
        skip_blank(scan);
        while (scan->at < scan->end && *scan->at == ';') {
            scan->at++;
            skip_blank(scan);
        }
        if (scan->at == scan->end)
            return;
        size_t name_size = read_token(scan, "", name, sizeof name);
        skip_blank(scan);
        if (!name_size || scan->at == scan->end || *scan->at != '=') {
            /* What is no parameter is stepped over up to the next semicolon; readers differ about it. */
            if (fields->type[0] == 'm')
                note(scan, "Content-Type parameter that cannot be read");
            const char *next = memchr(scan->at, ';', (size_t)(scan->end - scan->at));
            scan->at = next ? next : scan->end;
            continue;
        }
        scan->at++;
        size_t size = read_value(scan, value, sizeof value);
        take_parameter(scan, fields, name, value, size);
    }
}

static void read_type(struct structure_fields *fields, const char *value, size_t size)
{
    struct scan scan = {.at = value, .end = value + size, .odd = &fields->odd};
    char type[TYPE_MAX];
    skip_blank(&scan);
    size_t length = read_token(&scan, "/", type, sizeof type);
    const char *slash = memchr(type, '/', length);
    skip_blank(&scan);
    bool stops = scan.at == scan.end || *scan.at == ';';
    if (!slash || slash == type || slash[1] == '\0' || strchr(slash + 1, '/') || !stops) {
        note(&scan, "Content-Type that cannot be read");
        memcpy(fields->type, "application/octet-stream", sizeof "application/octet-stream");
        return;
    }
    text_lower_in_place(type);
    memcpy(fields->type, type, sizeof type);
    read_parameters(&scan, fields);
}

static void read_encoding(struct structure_fields *fields, const char *value, size_t size)
{
    static const struct {
        const char *name;
        enum encoding encoding;
    } known[] = {{"7bit", ENCODING_IDENTITY},
                 {"8bit", ENCODING_IDENTITY},
                 {"binary", ENCODING_IDENTITY},
                 {"base64", ENCODING_BASE64},
                 {"quoted-printable", ENCODING_QUOTED}};
    struct scan scan = {.at = value, .end = value + size, .odd = &fields->odd};
    char word[40];
    skip_blank(&scan);
    (void)read_token(&scan, "", word, sizeof word);
    skip_blank(&scan);
    for (size_t i = 0; i < sizeof known / sizeof *known && scan.at == scan.end; i++)
        if (text_equal_nocase(word, known[i].name)) {
            fields->encoding = known[i].encoding;
            return;
        }
    fields->encoding = ENCODING_UNKNOWN;
    note(&scan, "unknown Content-Transfer-Encoding");
}

static void read_disposition(struct structure_fields *fields, const char *value, size_t size)
{
    struct scan scan = {.at = value, .end = value + size, .odd = &fields->odd};
    char word[40];
    skip_blank(&scan);
    (void)read_token(&scan, "", word, sizeof word);
    /* RFC 2183 2.8: what is unknown is an attachment. */
    fields->attached = !text_equal_nocase(word, "inline");
}

static bool has_control(const struct field *field)
{
    for (size_t i = 0; i < field->value_size; i++) {
        unsigned char c = (unsigned char)field->value[i];
        bool fold =
            c == '\n' || c == '\t' || (c == '\r' && i + 1 < field->value_size && field->value[i + 1] == '\n');
        if ((c < 0x20 && !fold) || c == 0x7f)
            return true;
    }
    return false;
}

static bool same_value(const struct field *a, const struct field *b)
{
    return a->value_size == b->value_size && memcmp(a->value, b->value, a->value_size) == 0;
}

enum { STRUCTURAL = 4 };
static const char *const structural[STRUCTURAL] = {"content-type", "content-transfer-encoding",
                                                   "content-disposition", "mime-version"};

static void take_field(struct structure_fields *fields, const struct field *field,
                       struct field seen[STRUCTURAL])
{
    size_t which = 0;
    while (which < STRUCTURAL && !field_is(field, structural[which]))
        which++;
    if (which == STRUCTURAL) {
        if (field_is(field, "content-id"))
            fields->content_id = reference_hash_of_field(field->value, field->value_size);
        return;
    }
    if (field->value_size > STRUCTURE_FIELD_MAX) {
        fields->too_long = true;
        return;
    }
    if (has_control(field) && !fields->odd)
        fields->odd = "control character in a structural header";
    if (seen[which].name) {
        if (!same_value(&seen[which], field) && !fields->odd)
            fields->odd = "structural header given twice";
        return;
    }
    seen[which] = *field;
    if (which == 0)
        read_type(fields, field->value, field->value_size);
    else if (which == 1)
        read_encoding(fields, field->value, field->value_size);
    else if (which == 2)
        read_disposition(fields, field->value, field->value_size);
}

void fields_read_structure(const char *section, size_t size, const char *default_type,
                           struct structure_fields *fields_out)
{
    struct field seen[STRUCTURAL] = {{0}}, field;
    size_t at = 0;
    *fields_out = (struct structure_fields){.encoding = ENCODING_IDENTITY};
    if (memchr(section, '\0', size))
        fields_out->odd = "NUL in a header";
    while (field_next(section, size, &at, &field)) {
        if (!field.name && !fields_out->odd)
            fields_out->odd = "header line that is no field";
        take_field(fields_out, &field, seen);
    }
    if (!fields_out->type[0])
        memcpy(fields_out->type, default_type, strlen(default_type) + 1);
}
