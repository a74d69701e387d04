/* SPDX-License-Identifier: Apache-2.0 */
#include "dkim/header.h"

#include "base/fd.h"
#include "base/text.h"

#include <string.h>

/* The end of the line that begins at `at`: of its CRLF or LF, or of everything. */
static size_t line_end(const char *text, size_t at, size_t size)
{
    const char *feed = memchr(text + at, '\n', size - at);
    return feed ? (size_t)(feed - text) + 1 : size;
}

static bool is_fold(char c)
{
    return c == ' ' || c == '\t';
}

/* What readers of header fields take for a blank, for nothing or for the end, each in its own way. size:
 * none. */
static size_t find_control(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\r' ? i + 1 == size || text[i + 1] != '\n'
                      : (c < ' ' && c != '\t' && c != '\n') || c == 0x7f)
            return i;
    }
    return size;
}

/* The name of the field that has it, if it can be shown. */
static const char *name_field_at(const char *text, size_t at, struct arena *arena)
{
    enum { SHOWN_MAX = 40 };
    size_t begin = at, size = 0;
    while (begin && (text[begin - 1] != '\n' || is_fold(text[begin])))
        begin--;
    while (begin + size < at && text[begin + size] > ' ' && text[begin + size] <= '~' &&
           text[begin + size] != ':')
        size++;
    if (!size || size > SHOWN_MAX || text[begin + size] != ':')
        return "a header field has a NUL or another control character";
    const char *named =
        arena_printf(arena, "the field %.*s has a control character", (int)size, text + begin);
    return named ? named : "a header field has a control character";
}

/* Names are printable ASCII without the colon; blanks before it are an old form. */
static bool describe(char *text, size_t size, struct header_field *field)
{
    char *colon = memchr(text, ':', size);
    size_t name = colon ? (size_t)(colon - text) : 0;
    while (name && is_fold(text[name - 1]))
        name--;
    for (size_t i = 0; i < name; i++)
        if (text[i] <= ' ' || text[i] > '~' || text[i] == ';')
            return false;
    *field = (struct header_field){
        .text = text, .size = size, .name_size = name, .value = colon ? colon + 1 : NULL};
    return name > 0;
}

static enum result add_field(struct header *header, char *text, size_t size, const char **why_out)
{
    *why_out = "the header section has too many fields";
    if (header->n_fields == HEADER_FIELDS_MAX)
        return RESULT_BAD_INPUT;
    while (size && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    text[size] = '\0';
    *why_out = "the header section has a line that is no field";
    return describe(text, size, &header->fields[header->n_fields++]) ? RESULT_OK : RESULT_BAD_INPUT;
}

static enum result split(char *text, size_t size, struct header *header, const char **why_out)
{
    size_t begin = 0;
    while (begin < size) {
        size_t end = line_end(text, begin, size);
        if (text[begin] == '\n' || text[begin] == '\r')
            break;
        while (end < size && is_fold(text[end]))
            end = line_end(text, end, size);
        enum result result = add_field(header, text + begin, end - begin, why_out);
        if (result != RESULT_OK)
            return result;
        begin = end;
    }
    return RESULT_OK;
}

enum result header_read(int fd, uint64_t body_offset, struct arena *arena, struct header *header,
                        const char **why_out)
{
    *header = (struct header){.fields = NULL};
    *why_out = "the header section is too large";
    if (body_offset > HEADER_BYTES_MAX)
        return RESULT_BAD_INPUT;
    *why_out = "the header section cannot be read";
    char *text = arena_alloc(arena, body_offset + 1, 1);
    header->fields = arena_alloc(arena, HEADER_FIELDS_MAX, sizeof *header->fields);
    if (!text || !header->fields || fd_read_at(fd, text, body_offset, 0) != RESULT_OK)
        return RESULT_TRY_LATER;
    size_t control = find_control(text, body_offset);
    if (control < body_offset) {
        *why_out = name_field_at(text, control, arena);
        return RESULT_BAD_INPUT;
    }
    return split(text, body_offset, header, why_out);
}

bool header_is(const struct header_field *field, const char *name)
{
    return strlen(name) == field->name_size && text_starts_nocase(field->text, name);
}

unsigned header_count(const struct header *header, const char *name)
{
    unsigned count = 0;
    for (size_t i = 0; i < header->n_fields; i++)
        count += header_is(&header->fields[i], name);
    return count;
}
