/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/protected.h"

#include "seal/protocol.h"
#include "sealer/fields.h"

#include <string.h>

enum { FIELD_NAME_MAX = 100, OUTER_MAX = 500 };

/* The parameters that say "this header section is protected", which are no longer true outside. */
static const char *const MARKS[] = {"protected-headers", "hp", "hp-legacy-display", NULL};

/* Stay what they are outside. */
static const char *const AUTHORS[] = {"From", "Sender", NULL};

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

/* By our marks among whatever else the author's program wrote there, well or badly. */
static bool is_protected(struct span inner)
{
    struct field field;
    if (fields_count(inner, "Content-Type", &field) != 1)
        return false;
    return content_type_says(field.value, "hp", "cipher") ||
           (!content_type_says(field.value, "hp", NULL) &&
            content_type_says(field.value, "protected-headers", "v1"));
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
    buffer_append(out, "\0+", 2);
    for (size_t i = 0; i < value.size; i++)
        if (value.bytes[i] != '\r')
            buffer_append(out, value.bytes + i, 1);
    buffer_append(out, "", 1);
    out->failed = out->failed || value.failed;
    buffer_free(&value);
}

/* The name in the value of an HP-Outer field (RFC 9788, 2.2), as a field without a value. */
static bool outer_name(const struct field *field, struct field *named_out)
{
    struct span rest = field->value;
    bool bad;
    while (rest.size && strchr(" \t\r\n", rest.bytes[0]))
        rest = (struct span){rest.bytes + 1, rest.size - 1};
    return field_is(field, "HP-Outer") && fields_next(&rest, named_out, &bad);
}

/* What the sender wrote outside for the way alone: told by HP-Outer, and not inside. */
static void put_dropped(struct span inner, struct buffer *out, size_t *n_out)
{
    struct field field, named, within;
    size_t n = 0;
    bool bad;
    for (struct span rest = inner; n < OUTER_MAX && fields_next(&rest, &field, &bad);) {
        char name[FIELD_NAME_MAX + 1];
        if (!outer_name(&field, &named) || named.name.size > FIELD_NAME_MAX)
            continue;
        n++;
        memcpy(name, named.name.bytes, named.name.size);
        name[named.name.size] = '\0';
        if (is_of_the_way(&named) || is_structure(&named) || is_among(&named, AUTHORS) ||
            fields_count(inner, name, &within))
            continue;
        buffer_append(out, name, named.name.size);
        buffer_append(out, "\0-", 3);
        (*n_out)++;
    }
}

/* Each is compared with all others. */
static bool are_too_many(struct span rest)
{
    struct field field;
    size_t n = 0;
    bool bad;
    while (n <= SEAL_INNER_FIELDS_MAX && fields_next(&rest, &field, &bad))
        n++;
    return n > SEAL_INNER_FIELDS_MAX;
}

const char *protected_fields(struct span outer, struct span inner, bool covered, struct buffer *out,
                             size_t *n_out)
{
    bool guarded = covered && is_protected(inner), bad = false;
    struct span rest = inner;
    struct field field;
    *n_out = 0;
    if (are_too_many(inner))
        return "there are too many header fields inside";
    for (size_t i = 0; AUTHORS[i] && guarded; i++) {
        const char *why = check_author(outer, inner, AUTHORS[i]);
        if (why)
            return why;
    }
    while (fields_next(&rest, &field, &bad)) {
        bool wanted = is_structure(&field) || (guarded && !is_of_the_way(&field));
        if (!wanted || is_among(&field, AUTHORS))
            continue;
        put(&field, out);
        (*n_out)++;
    }
    if (guarded)
        put_dropped(inner, out, n_out);
    return bad ? "what is inside has no proper header section" : NULL;
}
