/* SPDX-License-Identifier: Apache-2.0 */
#include "enforce/protect.h"

#include "base/text.h"

#include <string.h>

enum field_kind {
    FIELD_STRUCTURE, /* Content-*: describes the body, so it goes with the body */
    FIELD_TRANSPORT, /* stays outside, copied inside */
    FIELD_VERSION,   /* the same, and the outer one may be ours */
    FIELD_TRACE,     /* stays outside; says nothing of the author's */
    FIELD_SUBJECT,
    FIELD_ERASED,  /* neither outside nor inside: blind copies, tickets */
    FIELD_PRIVATE, /* inside only */
};

static enum field_kind kind_of(const char *name)
{
    static const struct {
        const char *name;
        enum field_kind kind;
    } table[] = {
        {"From", FIELD_TRANSPORT},
        {"Sender", FIELD_TRANSPORT},
        {"To", FIELD_TRANSPORT},
        {"Cc", FIELD_TRANSPORT},
        {"Date", FIELD_TRANSPORT},
        {"Message-ID", FIELD_TRANSPORT},
        {"Reply-To", FIELD_TRANSPORT},
        {"In-Reply-To", FIELD_TRANSPORT},
        {"References", FIELD_TRANSPORT},
        {"Auto-Submitted", FIELD_TRANSPORT},
        {"Disposition-Notification-To", FIELD_TRANSPORT},
        {"MIME-Version", FIELD_VERSION},
        {"Received", FIELD_TRACE},
        {"Return-Path", FIELD_TRACE},
        {"Resent-From", FIELD_TRACE},
        {"Resent-To", FIELD_TRACE},
        {"Resent-Cc", FIELD_TRACE},
        {"Resent-Date", FIELD_TRACE},
        {"Resent-Message-ID", FIELD_TRACE},
        {"Resent-Sender", FIELD_TRACE},
        {"Subject", FIELD_SUBJECT},
        {"Bcc", FIELD_ERASED},
        {"Resent-Bcc", FIELD_ERASED},
    };
    if (text_starts_nocase(name, "Content-"))
        return FIELD_STRUCTURE;
    /* Ours alone; what bears such a name is a ticket that has served, or forged. */
    if (text_starts_nocase(name, "X-Khatm-") || text_starts_nocase(name, "Khatm-"))
        return FIELD_ERASED;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (text_equal_nocase(name, table[i].name))
            return table[i].kind;
    return FIELD_PRIVATE;
}

static void put_field(struct buffer *inner, const char *prefix, const char *name, const char *value)
{
    buffer_printf(inner, "%s%s:%s\r\n", prefix, name, value);
}

/* The original Content-Type with the two parameters that say "these headers are protected". A semicolon at
 * its end serves, and has one of ours for it, so that what is left without the two is what was there. */
static void put_content_type(struct buffer *inner, const char *name, const char *value)
{
    size_t length = strlen(value);
    while (length && strchr(" \t\r\n", value[length - 1]))
        length--;
    bool ended = length && value[length - 1] == ';';
    buffer_printf(inner, "%s:", name);
    buffer_append(inner, value, length);
    if (!ended)
        buffer_puts(inner, length ? ";" : " text/plain;");
    buffer_puts(inner, "\r\n protected-headers=\"v1\"; hp=\"cipher\"");
    buffer_puts(inner, ended ? ";\r\n" : "\r\n");
}

static void put_structure(const struct message *message, struct buffer *inner)
{
    const struct header_field *type = message_header(message, "Content-Type", 0);
    /* Without one, RFC 2045 5.2 says what the body is; its charset is left for readers to guess as before. */
    put_content_type(inner, type ? type->name : "Content-Type", type ? type->value : " text/plain");
    for (size_t i = 0; i < message->n_headers; i++) {
        const struct header_field *field = &message->headers[i];
        if (kind_of(field->name) == FIELD_STRUCTURE && field != type)
            put_field(inner, "", field->name, field->value);
    }
}

enum result protect_inner(const struct message *message, const char *outer_subject, struct buffer *inner)
{
    for (size_t i = 0; i < message->n_headers; i++) {
        const struct header_field *field = &message->headers[i];
        enum field_kind kind = kind_of(field->name);
        if (kind == FIELD_TRANSPORT || kind == FIELD_VERSION || kind == FIELD_SUBJECT ||
            kind == FIELD_PRIVATE)
            put_field(inner, "", field->name, field->value);
    }
    /* RFC 9788 2.2: what the outer section says of each field that is in both, so that a reader sees what was
     * hidden. */
    for (size_t i = 0; i < message->n_headers; i++) {
        const struct header_field *field = &message->headers[i];
        enum field_kind kind = kind_of(field->name);
        if (kind == FIELD_TRANSPORT)
            buffer_printf(inner, "HP-Outer: %s:%s\r\n", field->name, field->value);
    }
    /* Where there is none inside, it says that the outer one is ours alone. */
    buffer_printf(inner, "HP-Outer: Subject: %s\r\n", outer_subject);
    put_structure(message, inner);
    return inner->failed ? RESULT_TRY_LATER : RESULT_OK;
}

static bool leaves_outside(enum field_kind kind)
{
    switch (kind) {
    case FIELD_STRUCTURE:
    case FIELD_SUBJECT:
    case FIELD_ERASED:
    case FIELD_PRIVATE:
        return true;
    case FIELD_TRANSPORT:
    case FIELD_VERSION:
    case FIELD_TRACE:
        break;
    }
    return false;
}

enum result protect_outer(struct message *message, const char *outer_subject, const char *boundary,
                          const struct header_edit **edits_out, size_t *n_out)
{
    enum { ADDED = 3 };
    struct header_edit *edits = arena_alloc(message->arena, message->n_headers + ADDED, sizeof *edits);
    const char *type = arena_printf(
        message->arena, " multipart/encrypted; protocol=\"application/pgp-encrypted\";\n boundary=\"%s\"",
        boundary);
    const char *subject = arena_printf(message->arena, " %s", outer_subject);
    size_t n = 0;
    if (!edits || !type || !subject)
        return RESULT_TRY_LATER;
    for (size_t i = message->n_headers; i-- > 0;) {
        const struct header_field *field = &message->headers[i];
        if (leaves_outside(kind_of(field->name)))
            edits[n++] = (struct header_edit){HEADER_DELETE, field->name, field->index, NULL};
    }
    edits[n++] = (struct header_edit){HEADER_ADD, "Subject", 0, subject};
    if (!message_header(message, "MIME-Version", 0))
        edits[n++] = (struct header_edit){HEADER_ADD, "MIME-Version", 0, " 1.0"};
    edits[n++] = (struct header_edit){HEADER_ADD, "Content-Type", 0, type};
    *edits_out = edits;
    *n_out = n;
    return RESULT_OK;
}
