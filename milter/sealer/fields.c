/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/fields.h"

#include "base/text.h"

#include <string.h>

enum { VALUE_MAX = 4096, MARKED_MAX = 16384 };

/* The line at `at` with its end; its length without the end in *bare_out. */
static size_t line_at(struct span text, size_t at, size_t *bare_out)
{
    const uint8_t *feed = memchr(text.bytes + at, '\n', text.size - at);
    size_t whole = feed ? (size_t)(feed - text.bytes) + 1 - at : text.size - at;
    size_t bare = whole - (feed ? 1 : 0);
    if (feed && bare && text.bytes[at + bare - 1] == '\r')
        bare--;
    *bare_out = bare;
    return whole;
}

bool fields_split(struct span entity, struct span *header_out, size_t *body_out)
{
    for (size_t at = 0; at < entity.size;) {
        size_t bare, whole = line_at(entity, at, &bare);
        if (!bare && entity.bytes[at + whole - 1] == '\n') {
            *header_out = (struct span){entity.bytes, at};
            *body_out = at + whole;
            return true;
        }
        at += whole;
    }
    return false;
}

static bool is_fold(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static size_t name_size(struct span line)
{
    size_t size = 0;
    while (size < line.size && line.bytes[size] > ' ' && line.bytes[size] < 127 && line.bytes[size] != ':')
        size++;
    return size < line.size && line.bytes[size] == ':' ? size : 0;
}

bool fields_next(struct span *rest, struct field *field_out, bool *bad)
{
    size_t bare, at;
    *bad = false;
    if (!rest->size)
        return false;
    at = line_at(*rest, 0, &bare);
    size_t name = name_size((struct span){rest->bytes, bare}), end = bare;
    while (at < rest->size && is_fold(rest->bytes[at])) {
        size_t whole = line_at(*rest, at, &bare);
        end = at + bare;
        at += whole;
    }
    *bad = !name || memchr(rest->bytes, '\0', at);
    if (*bad)
        return false;
    *field_out = (struct field){{rest->bytes, name}, {rest->bytes + name + 1, end - name - 1}};
    *rest = (struct span){rest->bytes + at, rest->size - at};
    return true;
}

bool field_starts(const struct field *field, const char *prefix)
{
    size_t size = strlen(prefix);
    if (field->name.size < size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (text_lower((char)field->name.bytes[i]) != text_lower(prefix[i]))
            return false;
    return true;
}

bool field_is(const struct field *field, const char *name)
{
    return field->name.size == strlen(name) && field_starts(field, name);
}

size_t fields_count(struct span header, const char *name, struct field *first_out)
{
    struct field field;
    size_t n = 0;
    bool bad;
    while (fields_next(&header, &field, &bad))
        if (field_is(&field, name) && n++ == 0)
            *first_out = field;
    return n;
}

/* Reading a value whose folds are taken out. */
struct reader {
    char text[VALUE_MAX];
    size_t size, at;
};

static bool unfold(struct span value, struct reader *reader)
{
    reader->size = reader->at = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (value.bytes[i] == '\r' || value.bytes[i] == '\n')
            continue;
        if (reader->size == sizeof reader->text - 1)
            return false;
        reader->text[reader->size++] = (char)value.bytes[i];
    }
    reader->text[reader->size] = '\0';
    return true;
}

static void skip_blanks(struct reader *reader)
{
    while (is_fold((uint8_t)reader->text[reader->at]))
        reader->at++;
}

static bool take(struct reader *reader, char wanted)
{
    skip_blanks(reader);
    if (reader->text[reader->at] != wanted)
        return false;
    reader->at++;
    return true;
}

/* RFC 2045, 5.1, less the asterisk of RFC 2231. A comment is no token, and so an error. */
static bool is_token(char c)
{
    return c > ' ' && c < 127 && !strchr("()<>@,;:\\\"/[]?=", c);
}

static bool take_token(struct reader *reader, char *out, size_t room)
{
    size_t n = 0;
    skip_blanks(reader);
    while (is_token(reader->text[reader->at]) && n + 1 < room)
        out[n++] = reader->text[reader->at++];
    out[n] = '\0';
    return n && !is_token(reader->text[reader->at]);
}

static bool take_quoted(struct reader *reader, char *out, size_t room)
{
    size_t n = 0;
    reader->at++;
    while (reader->text[reader->at] && reader->text[reader->at] != '"') {
        reader->at += reader->text[reader->at] == '\\' && reader->text[reader->at + 1] ? 1U : 0U;
        if (n + 1 == room)
            return false;
        out[n++] = reader->text[reader->at++];
    }
    out[n] = '\0';
    return take(reader, '"');
}

static bool take_parameter(struct reader *reader, struct content_type *type)
{
    char name[PARAMETER_NAME_MAX + 1], value[PARAMETER_VALUE_MAX + 1];
    if (!take_token(reader, name, sizeof name) || !take(reader, '='))
        return false;
    text_lower_in_place(name);
    skip_blanks(reader);
    bool good = reader->text[reader->at] == '"' ? take_quoted(reader, value, sizeof value)
                                                : take_token(reader, value, sizeof value);
    /* The second of a name, and the pieces of RFC 2231, would be taken differently by different readers. */
    if (!good || content_type_get(type, name) || strchr(name, '*') || type->n == PARAMETERS_MAX)
        return false;
    memcpy(type->parameters[type->n].name, name, sizeof name);
    memcpy(type->parameters[type->n++].value, value, sizeof value);
    return true;
}

bool content_type_read(struct span value, struct content_type *type_out)
{
    struct reader reader;
    char major[TYPE_MAX / 2], minor[TYPE_MAX / 2];
    memset(type_out, 0, sizeof *type_out);
    if (!unfold(value, &reader) || !take_token(&reader, major, sizeof major) || !take(&reader, '/') ||
        !take_token(&reader, minor, sizeof minor))
        return false;
    size_t size = strlen(major);
    memcpy(type_out->type, major, size);
    type_out->type[size] = '/';
    memcpy(type_out->type + size + 1, minor, strlen(minor) + 1);
    text_lower_in_place(type_out->type);
    while (take(&reader, ';')) {
        skip_blanks(&reader);
        if (reader.text[reader.at] && !take_parameter(&reader, type_out))
            return false;
    }
    return reader.at == reader.size;
}

const char *content_type_get(const struct content_type *type, const char *name)
{
    for (size_t i = 0; i < type->n; i++)
        if (strcmp(type->parameters[i].name, name) == 0)
            return type->parameters[i].value;
    return NULL;
}

/* The comment that begins at `at`, with all that is in it (RFC 5322, 3.2.2). One that does not end is none.
 */
static size_t comment_size(struct span value, size_t at)
{
    size_t depth = 0;
    for (size_t end = at; end < value.size; end++) {
        if (value.bytes[end] == '\\')
            end++;
        else if (value.bytes[end] == '(')
            depth++;
        else if (value.bytes[end] == ')' && --depth == 0)
            return end + 1 - at;
    }
    return 1;
}

/* Up to the next ";" that is in no quoted string and no comment. */
static size_t piece_size(struct span value, size_t at)
{
    bool quoted = false;
    size_t end = at;
    while (end < value.size && (quoted || value.bytes[end] != ';')) {
        uint8_t c = value.bytes[end];
        if (c == '"')
            quoted = !quoted;
        end += c == '\\' && quoted ? 2 : c == '(' && !quoted ? comment_size(value, end) : 1;
    }
    return (end < value.size ? end : value.size) - at;
}

static size_t blanks_at(struct span text, size_t at)
{
    size_t end = at;
    while (end < text.size && text.bytes[end] && strchr(" \t\r\n", text.bytes[end]))
        end++;
    return end - at;
}

/* Where the value of a parameter of this name begins; 0: the piece is another. */
static size_t named(struct span piece, const char *name)
{
    size_t at = blanks_at(piece, 0), size = strlen(name);
    if (piece.size - at < size)
        return 0;
    for (size_t i = 0; i < size; i++)
        if (text_lower((char)piece.bytes[at + i]) != name[i])
            return 0;
    at += size;
    at += blanks_at(piece, at);
    return at < piece.size && piece.bytes[at] == '=' ? at + 1 : 0;
}

static bool is_word(struct span text, const char *word)
{
    size_t at = blanks_at(text, 0), size = strlen(word);
    bool quoted = at < text.size && text.bytes[at] == '"';
    at += quoted;
    if (text.size - at < size || memcmp(text.bytes + at, word, size) != 0)
        return false;
    at += size;
    if (quoted && (at == text.size || text.bytes[at++] != '"'))
        return false;
    return at + blanks_at(text, at) == text.size;
}

bool content_type_says(struct span value, const char *name, const char *word)
{
    for (size_t at = 0; at < value.size && value.size <= MARKED_MAX;) {
        struct span piece = {value.bytes + at, piece_size(value, at)};
        size_t begin = at ? named(piece, name) : 0;
        if (begin && (!word || is_word((struct span){piece.bytes + begin, piece.size - begin}, word)))
            return true;
        at += piece.size + 1;
    }
    return false;
}

void content_type_without(struct span value, const char *const *names, struct buffer *out)
{
    if (value.size > MARKED_MAX) {
        buffer_append(out, value.bytes, value.size);
        return;
    }
    /* A ";" at the end has an empty piece behind it. */
    for (size_t at = 0; at <= value.size;) {
        size_t size = piece_size(value, at);
        bool dropped = false;
        for (size_t i = 0; names[i] && at; i++)
            dropped = dropped || named((struct span){value.bytes + at, size}, names[i]);
        if (!dropped && at)
            buffer_puts(out, ";");
        if (!dropped)
            buffer_append(out, value.bytes + at, size);
        at += size + 1;
    }
}
