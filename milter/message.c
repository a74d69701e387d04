/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include "base/buffer.h"
#include "base/digest.h"
#include "base/text.h"
#include "journal/journal.h"

#include <stdlib.h>
#include <string.h>

/* Fields, recipients and findings of one message; what is past it answers 4xx instead of growing. */
enum { MESSAGE_ARENA_BYTES = 32 * 1024 * 1024 };

enum result message_new(const struct config *config, const struct attach_settings *attach,
                        struct message **message_out, struct problem *problem)
{
    struct arena *arena = arena_new(MESSAGE_ARENA_BYTES);
    struct message *message = arena ? arena_alloc(arena, 1, sizeof *message) : NULL;
    if (!message) {
        arena_free(arena);
        return problem_set(problem, RESULT_TRY_LATER, "no memory for a message");
    }
    message->arena = arena;
    message->config = config_ref(config);
    message->attach = attach;
    message->envelope_from = "";
    message->spool.fd = message->opened.fd = -1;
    enum result result = journal_reference(message->reference);
    if (result != RESULT_OK)
        (void)problem_set(problem, result, "no random bytes for a reference");
    else
        result = spool_open(config->spool.directory, config->spool.message_limit, &message->spool, problem);
    if (result != RESULT_OK) {
        message_free(message);
        return result;
    }
    *message_out = message;
    return RESULT_OK;
}

void message_free(struct message *message)
{
    if (!message)
        return;
    struct arena *arena = message->arena;
    spool_close(&message->spool);
    spool_close(&message->opened);
    config_unref(message->config);
    free(message->rcpts);
    free(message->typed);
    free(message->headers);
    arena_free(arena);
}

/* Outer angle brackets off; Postfix sends them over SMTP and leaves them out for mail from pickup. */
static char *bare_address(struct arena *arena, const char *address)
{
    size_t length = strlen(address);
    if (length >= 2 && address[0] == '<' && address[length - 1] == '>')
        return arena_strndup(arena, address + 1, length - 2);
    return arena_strdup(arena, address);
}

enum result message_set_from(struct message *message, const char *envelope_from)
{
    const char *address = bare_address(message->arena, envelope_from);
    if (!address)
        return RESULT_TRY_LATER;
    message->envelope_from = address;
    return RESULT_OK;
}

/* Room for one more item of `size` bytes in a doubling array; NULL when there is no memory. */
static void *grown(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    size_t more = *room ? *room * 2 : 16;
    void *bigger = reallocarray(items, more, size);
    if (bigger)
        *room = more;
    return bigger;
}

/* xtext (RFC 3461 4): "+2B" is a '+'. What is not well formed stays as it is. */
static char *decode_xtext(struct arena *arena, const char *text)
{
    char *decoded = arena_alloc(arena, strlen(text) + 1, 1);
    uint8_t byte;
    for (size_t used = 0; decoded && *text; used++) {
        char digits[3] = {text[1], text[1] ? text[2] : '\0', '\0'};
        bool coded = *text == '+' && digits[1] && hex_decode(digits, &byte, 1) == RESULT_OK && byte;
        decoded[used] = coded ? (char)byte : *text;
        text += coded ? 3 : 1;
    }
    return decoded;
}

/* ORCPT=rfc822;ADDRESS, when it is another address than the one it goes to. */
static enum result find_typed(struct arena *arena, const char *address, const char *const *parameters,
                              const char **typed_out)
{
    static const char name[] = "ORCPT=rfc822;";
    *typed_out = NULL;
    for (; parameters && *parameters; parameters++) {
        if (!text_starts_nocase(*parameters, name))
            continue;
        char *typed = decode_xtext(arena, *parameters + sizeof name - 1);
        if (!typed)
            return RESULT_TRY_LATER;
        *typed_out = *typed && !text_equal_nocase(typed, address) ? typed : NULL;
        return RESULT_OK;
    }
    return RESULT_OK;
}

enum result message_add_rcpt(struct message *message, const char *address, const char *const *parameters)
{
    size_t room = message->room_rcpts;
    /* Refused at RCPT, mail of the sendmail command would stay in Postfix's queue, and nobody be told. */
    if (message->n_rcpts >= MESSAGE_RCPTS_MAX) {
        message->too_many_rcpts = message->attach->role == ROLE_LOCAL;
        return message->too_many_rcpts ? RESULT_OK : RESULT_BAD_INPUT;
    }
    const char **typed = grown(message->typed, message->n_rcpts, &room, sizeof *typed);
    if (!typed)
        return RESULT_TRY_LATER;
    message->typed = typed;
    const char **rcpts = grown(message->rcpts, message->n_rcpts, &message->room_rcpts, sizeof *rcpts);
    if (!rcpts)
        return RESULT_TRY_LATER;
    message->rcpts = rcpts;
    const char *bare = bare_address(message->arena, address);
    if (!bare || find_typed(message->arena, bare, parameters, &typed[message->n_rcpts]) != RESULT_OK)
        return RESULT_TRY_LATER;
    rcpts[message->n_rcpts++] = bare;
    return RESULT_OK;
}

/* MTAs hand folds over as a bare LF; on the wire they are CRLF. A CR elsewhere stays for the inspector to
 * see. */
static char *with_crlf(struct arena *arena, const char *value)
{
    size_t folds = 0, used = 0;
    for (const char *p = value; *p; p++)
        folds += *p == '\n';
    char *copy = arena_alloc(arena, strlen(value) + folds + 1, 1);
    if (!copy)
        return NULL;
    for (const char *p = value; *p; p++) {
        if (*p == '\n' && (p == value || p[-1] != '\r'))
            copy[used++] = '\r';
        copy[used++] = *p;
    }
    return copy;
}

enum result message_add_header(struct message *message, const char *name, const char *value)
{
    message->header_bytes += strlen(name) + strlen(value) + 3;
    if (message->n_headers >= MESSAGE_HEADERS_MAX || message->header_bytes > MESSAGE_HEADER_BYTES_MAX) {
        message->header_too_big = true;
        return RESULT_OK;
    }
    struct header_field *headers =
        grown(message->headers, message->n_headers, &message->room_headers, sizeof *headers);
    if (!headers)
        return RESULT_TRY_LATER;
    message->headers = headers;
    struct header_field field = {arena_strdup(message->arena, name), with_crlf(message->arena, value), 1};
    if (!field.name || !field.value)
        return RESULT_TRY_LATER;
    for (size_t i = message->n_headers; i > 0 && field.index == 1; i--)
        if (text_equal_nocase(headers[i - 1].name, name))
            field.index = headers[i - 1].index + 1;
    headers[message->n_headers++] = field;
    return RESULT_OK;
}

enum result message_end_header(struct message *message)
{
    struct buffer section;
    buffer_init(&section, MESSAGE_HEADER_BYTES_MAX * 2);
    for (size_t i = 0; i < message->n_headers; i++) {
        buffer_puts(&section, message->headers[i].name);
        buffer_puts(&section, ":");
        buffer_puts(&section, message->headers[i].value);
        buffer_puts(&section, "\r\n");
    }
    enum result result = section.failed ? RESULT_TRY_LATER : RESULT_OK;
    if (result == RESULT_OK && section.size)
        result = spool_append(&message->spool, section.bytes, section.size);
    if (result == RESULT_OK)
        result = spool_end_header(&message->spool);
    buffer_free(&section);
    return result;
}

enum result message_add_body(struct message *message, const void *bytes, size_t size)
{
    if (message->body_too_big)
        return RESULT_OK;
    enum result result = spool_append(&message->spool, bytes, size);
    if (result != RESULT_BAD_INPUT)
        return result;
    message->body_too_big = true;
    return RESULT_OK;
}

const char *message_excess(const struct message *message)
{
    return message->body_too_big     ? "message over spool.message-limit"
           : message->header_too_big ? "header section"
           : message->too_many_rcpts ? "recipients"
                                     : NULL;
}

const struct header_field *message_header(const struct message *message, const char *name, size_t n)
{
    for (size_t i = 0; i < message->n_headers; i++)
        if (text_equal_nocase(message->headers[i].name, name) && n-- == 0)
            return &message->headers[i];
    return NULL;
}

const char *message_id(struct message *message)
{
    const struct header_field *field = message_header(message, "Message-ID", 0);
    const char *start = field ? strchr(field->value, '<') : NULL;
    const char *end = start ? strchr(start, '>') : NULL;
    return end && end > start + 1 ? arena_strndup(message->arena, start + 1, (size_t)(end - start - 1))
                                  : NULL;
}
