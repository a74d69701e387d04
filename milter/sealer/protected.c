/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/protected.h"

#include "sealer/fields.h"

#include <string.h>

/* The parameters that say "this header section is protected", which are no longer true outside. */
static const char *const MARKS[] = {"protected-headers", "hp", "hp-legacy-display", NULL};

static bool is_among(const struct field *field, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        if (field_is(field, names[i]))
            return true;
    return false;
}

/* Trace, what checks found, and what is about sealing itself: of the way here, not of the author. */
static bool is_of_the_way(const struct field *field)
{
    static const char *const names[] = {
        "Received",     "Return-Path", "Delivered-To", "X-Original-To", "Authentication-Results",
        "Received-SPF", "HP-Outer",    "Bcc",          "Resent-Bcc",    NULL};
    return is_among(field, names) || field_starts(field, "ARC-") || field_starts(field, "X-Khatm-") ||
           field_starts(field, "Khatm-");
}

static bool is_structure(const struct field *field)
{
    return field_starts(field, "Content-") || field_is(field, "MIME-Version");
}

/* The same but for how it is folded. */
static bool is_same(struct span a, struct span b)
{
    size_t i = 0, k = 0;
    for (;;) {
        while (i < a.size && strchr(" \t\r\n", a.bytes[i]))
            i++;
        while (k < b.size && strchr(" \t\r\n", b.bytes[k]))
            k++;
        if (i == a.size || k == b.size)
            return i == a.size && k == b.size;
        if (a.bytes[i++] != b.bytes[k++])
            return false;
    }
}

static bool is_protected(struct span inner)
{
    struct field field;
    struct content_type type;
    if (fields_count(inner, "Content-Type", &field) != 1 || !content_type_read(field.value, &type))
        return false;
    const char *hp = content_type_get(&type, "hp"), *older = content_type_get(&type, "protected-headers");
    return (hp && strcmp(hp, "cipher") == 0) || (!hp && older && strcmp(older, "v1") == 0);
}

/* NULL: an author's field inside says what it says outside, or is not there. */
static const char *check_author(struct span outer, struct span inner, const char *name)
{
    struct field within, without;
    size_t n = fields_count(inner, name, &within);
    if (!n)
        return NULL;
    if (n == 1 && fields_count(outer, name, &without) == 1 && is_same(within.value, without.value))
        return NULL;
    return "the sender inside is not the one outside";
}

static void put(const struct field *field, struct buffer *out)
{
    struct buffer value;
    buffer_init(&value, 0);
    if (field_is(field, "Content-Type"))
        content_type_without(field->value, MARKS, &value);
    else
        buffer_append(&value, field->value.bytes, field->value.size);
    buffer_append(out, field->name.bytes, field->name.size);
    buffer_append(out, "", 1);
    for (size_t i = 0; i < value.size; i++)
        if (value.bytes[i] != '\r')
            buffer_append(out, value.bytes + i, 1);
    buffer_append(out, "", 1);
    out->failed = out->failed || value.failed;
    buffer_free(&value);
}

const char *protected_fields(struct span outer, struct span inner, struct buffer *out, size_t *n_out)
{
    static const char *const authors[] = {"From", "Sender", NULL};
    bool guarded = is_protected(inner), bad = false;
    struct span rest = inner;
    struct field field;
    *n_out = 0;
    for (size_t i = 0; authors[i] && guarded; i++) {
        const char *why = check_author(outer, inner, authors[i]);
        if (why)
            return why;
    }
    while (fields_next(&rest, &field, &bad)) {
        bool wanted = is_structure(&field) || (guarded && !is_of_the_way(&field));
        if (!wanted || is_among(&field, authors))
            continue;
        put(&field, out);
        (*n_out)++;
    }
    return bad ? "what is inside has no proper header section" : NULL;
}
