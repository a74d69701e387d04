/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/eml.h"

#include "base/buffer.h"

#include <errno.h>
#include <string.h>

enum { CHUNK = 65536 };

struct eml {
    FILE *file;
    struct message *message;
    struct buffer field;  /* the header field being read, folds as LF */
    struct buffer buffer; /* the line being read */
    char *line;           /* its bytes */
    size_t length;        /* without its end */
    bool at_end;
};

/* One line without its CRLF or LF. False at the end, and when no header line could be that long. */
static bool next_line(struct eml *eml)
{
    int c = EOF;
    buffer_clear(&eml->buffer);
    while (!eml->buffer.failed && (c = getc_unlocked(eml->file)) != EOF && c != '\n') {
        char byte = (char)c;
        buffer_append(&eml->buffer, &byte, 1);
    }
    eml->message->header_too_big = eml->message->header_too_big || eml->buffer.failed;
    eml->at_end = eml->buffer.failed || (c == EOF && !eml->buffer.size);
    if (eml->at_end)
        return false;
    buffer_append(&eml->buffer, "", 0); /* a NUL also after nothing */
    eml->line = eml->buffer.bytes;
    eml->length = eml->buffer.size;
    if (eml->length && eml->line[eml->length - 1] == '\r')
        eml->line[--eml->length] = '\0';
    return true;
}

static bool is_fold(const struct eml *eml)
{
    return eml->length && (eml->line[0] == ' ' || eml->line[0] == '\t');
}

/* RFC 5322 2.2: printable ASCII without a colon, then the colon; blanks before it are the obsolete form
 * (4.5). */
static bool is_field(const struct eml *eml)
{
    size_t name = 0;
    while (name < eml->length && eml->line[name] > 0x20 && eml->line[name] < 0x7f && eml->line[name] != ':')
        name++;
    size_t colon = name + strspn(eml->line + name, " \t");
    return name && colon < eml->length && eml->line[colon] == ':';
}

static enum result flush_field(struct eml *eml)
{
    struct buffer *field = &eml->field;
    if (field->failed)
        eml->message->header_too_big = true;
    if (!field->size || field->failed || eml->message->header_too_big) {
        buffer_clear(field);
        return RESULT_OK;
    }
    char *colon = strchr(field->bytes, ':');
    *colon = '\0';
    field->bytes[strcspn(field->bytes, " \t")] = '\0';
    enum result result = message_add_header(eml->message, field->bytes, colon + 1);
    buffer_clear(field);
    return result;
}

static enum result add_body_line(struct eml *eml)
{
    enum result result = message_add_body(eml->message, eml->line, eml->length);
    return result == RESULT_OK ? message_add_body(eml->message, "\r\n", 2) : result;
}

/* Leaves a first body line that was read too far in eml->line: *body_line. */
static enum result read_header(struct eml *eml, bool *body_line)
{
    enum result result = RESULT_OK;
    *body_line = false;
    for (bool first = true; result == RESULT_OK && next_line(eml) && eml->length; first = false) {
        if (first && !strncmp(eml->line, "From ", 5))
            continue;
        if (is_fold(eml) && eml->field.size) {
            buffer_append(&eml->field, "\n", 1);
        } else if (is_field(eml)) {
            result = flush_field(eml);
        } else {
            *body_line = true;
            break;
        }
        buffer_append(&eml->field, eml->line,
                      strlen(eml->line)); /* a NUL ends it, as in the milter protocol */
    }
    return result == RESULT_OK ? flush_field(eml) : result;
}

static bool ends_line(const char *bytes, size_t size, char before)
{
    return size && bytes[size - 1] == '\n' && (size > 1 ? bytes[size - 2] : before) == '\r';
}

/* Adds what is missing of CRLFs, run by run, so that no line needs to fit into memory. */
static enum result read_body(struct eml *eml)
{
    char chunk[CHUNK];
    char before = '\n'; /* the byte before the chunk */
    enum result result = RESULT_OK;
    size_t n;
    while (result == RESULT_OK && !eml->message->body_too_big &&
           (n = fread(chunk, 1, sizeof chunk, eml->file)) > 0) {
        for (size_t at = 0; result == RESULT_OK && at < n;) {
            const char *end = memchr(chunk + at, '\n', n - at);
            size_t size = end ? (size_t)(end - chunk) - at + 1 : n - at;
            bool bare = end && !ends_line(chunk + at, size, before);
            result = message_add_body(eml->message, chunk + at, bare ? size - 1 : size);
            if (bare && result == RESULT_OK)
                result = message_add_body(eml->message, "\r\n", 2);
            at += size;
            before = chunk[at - 1];
        }
    }
    if (result == RESULT_OK && before != '\n')
        result = message_add_body(eml->message, "\r\n", 2);
    return result;
}

static enum result read_all(struct eml *eml)
{
    bool body_line;
    enum result result = read_header(eml, &body_line);
    if (result == RESULT_OK)
        result = message_end_header(eml->message);
    if (result == RESULT_OK && body_line)
        result = add_body_line(eml);
    if (result == RESULT_OK && !eml->at_end)
        result = read_body(eml);
    return result;
}

enum result eml_read(FILE *file, struct message *message, struct problem *problem)
{
    struct eml eml = {.file = file, .message = message};
    buffer_init(&eml.field, 2 * MESSAGE_HEADER_BYTES_MAX);
    buffer_init(&eml.buffer, 2 * MESSAGE_HEADER_BYTES_MAX);
    int first = getc(file);
    bool empty = first == EOF;
    if (!empty)
        (void)ungetc(first, file);
    enum result result = empty ? RESULT_BAD_INPUT : read_all(&eml);
    if (ferror(file))
        result = problem_set(problem, RESULT_BAD_INPUT, "the message cannot be read: %s", strerror(errno));
    else if (empty)
        (void)problem_set(problem, result,
                          "the message is empty: name a file in the form of RFC 5322 (.eml)");
    else if (result != RESULT_OK)
        (void)problem_set(problem, result, "no room to read the message: see spool.directory");
    buffer_free(&eml.field);
    buffer_free(&eml.buffer);
    return result;
}
