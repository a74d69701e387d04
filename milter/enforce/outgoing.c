/* SPDX-License-Identifier: Apache-2.0 */
#include "enforce/outgoing.h"

#include "base/text.h"

#include <string.h>

struct outgoing {
    struct header_field *fields; /* index 0: taken out */
    size_t n;
};

static bool is_listed(const char *names, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = names; *at;) {
        size_t part = strcspn(at, ":");
        if (part == size && text_starts_nocase(at, name))
            return true;
        at += part + (at[part] == ':');
    }
    return false;
}

/* Edits count fields as they stood before any was taken out: what is taken out goes from the last up. */
static struct header_field *find(struct outgoing *outgoing, const struct header_edit *edit)
{
    for (size_t i = 0; i < outgoing->n; i++)
        if (outgoing->fields[i].index == edit->index &&
            text_equal_nocase(outgoing->fields[i].name, edit->name))
            return &outgoing->fields[i];
    return NULL;
}

static enum result apply(struct outgoing *outgoing, const struct header_edit *edit)
{
    const struct header_field added = {.name = edit->name, .value = edit->value, .index = 1};
    struct header_field *field = NULL;
    switch (edit->kind) {
    case HEADER_DELETE:
    case HEADER_CHANGE:
        field = find(outgoing, edit);
        if (!field)
            return RESULT_BUG;
        if (edit->kind == HEADER_CHANGE)
            field->value = edit->value;
        else
            field->index = 0;
        return RESULT_OK;
    case HEADER_ADD:
        outgoing->fields[outgoing->n++] = added;
        return RESULT_OK;
    case HEADER_INSERT:
        memmove(outgoing->fields + 1, outgoing->fields, outgoing->n++ * sizeof added);
        outgoing->fields[0] = added;
        return RESULT_OK;
    }
    return RESULT_BUG;
}

/* Folds of what came are CRLF, of what we add LF. */
static void put(struct buffer *out, const struct header_field *field)
{
    buffer_printf(out, "%s:", field->name);
    for (const char *at = field->value; *at;) {
        size_t part = strcspn(at, "\n");
        bool bare = at[part] == '\n' && (part == 0 || at[part - 1] != '\r');
        buffer_append(out, at, part);
        buffer_puts(out, !at[part] ? "" : bare ? "\r\n" : "\n");
        at += part + (at[part] == '\n');
    }
    buffer_puts(out, "\r\n");
}

enum result outgoing_fields(const struct message *message, const struct reply *reply, const char *names,
                            struct buffer *fields)
{
    struct outgoing outgoing = {.n = message->n_headers};
    enum result result = RESULT_OK;
    outgoing.fields =
        arena_alloc(message->arena, message->n_headers + reply->n_edits + 1, sizeof *outgoing.fields);
    if (!outgoing.fields)
        return RESULT_TRY_LATER;
    if (outgoing.n)
        memcpy(outgoing.fields, message->headers, outgoing.n * sizeof *outgoing.fields);
    for (size_t i = 0; i < reply->n_edits && result == RESULT_OK; i++)
        result = apply(&outgoing, &reply->edits[i]);
    for (size_t i = 0; i < outgoing.n && result == RESULT_OK; i++)
        if (outgoing.fields[i].index && is_listed(names, outgoing.fields[i].name))
            put(fields, &outgoing.fields[i]);
    return result == RESULT_OK && fields->failed ? RESULT_TRY_LATER : result;
}
