/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_READING_LIST_H
#define KHATM_TESTS_READING_LIST_H

/* One document through one reader, without process, sandbox or sink: everything the reader says becomes a
 * line of text, in its order: "text PLACE: …" (\n, \f and \t written so), "property NAME=VALUE", "embedded
 * NAME SIZE", "closed NAME FLAGS: WHY", "raise FLAGS: WHY", "kind KIND". Embedded files are not opened.
 * Include in one file. */

#include "base/buffer.h"
#include "base/clock.h"
#include "inspector/reader.h"

#include <stdlib.h>
#include <string.h>

enum { LISTED_ENTRIES = 1000, LISTED_MS = 60 * 1000 };

static inline void list_flags(struct buffer *list, unsigned flags)
{
    static const char letters[] = "DUOASNMWR";
    for (unsigned i = 0; i < sizeof letters - 1; i++)
        if (flags & (1U << i))
            buffer_append(list, &letters[i], 1);
}

static inline void list_text(void *context, enum text_place place, const char *utf8, size_t size)
{
    static const char *const places[] = {"body", "header", "footer", "title",   "cell",
                                         "note", "shape",  "hidden", "subject", "name"};
    buffer_printf(context, "text %s: ", places[place]);
    for (size_t i = 0; i < size; i++)
        if (utf8[i] == '\n' || utf8[i] == '\f' || utf8[i] == '\t')
            buffer_puts(context, utf8[i] == '\n' ? "\\n" : utf8[i] == '\f' ? "\\f" : "\\t");
        else
            buffer_append(context, utf8 + i, 1);
    buffer_puts(context, "\n");
}

static inline void list_property(void *context, const char *name, const char *value)
{
    buffer_printf(context, "property %s=%s\n", name, value);
}

static inline void list_embedded(void *context, const char *name, const void *bytes, size_t size)
{
    (void)bytes;
    buffer_printf(context, "embedded %s %zu\n", name ? name : "-", size);
}

static inline void list_closed(void *context, const char *name, unsigned flags, const char *why)
{
    buffer_printf(context, "closed %s ", name ? name : "-");
    list_flags(context, flags);
    buffer_printf(context, ": %s\n", why);
}

static inline void list_raise(void *context, unsigned flags, const char *why)
{
    buffer_puts(context, "raise ");
    list_flags(context, flags);
    buffer_printf(context, ": %s\n", why);
}

static inline void list_kind(void *context, const char *kind)
{
    buffer_printf(context, "kind %s\n", kind);
}

static const struct reading_listener list_listener = {list_text,   list_property, list_embedded,
                                                      list_closed, list_raise,    list_kind};

/* The bytes are copied, so that a sanitizer sees whoever reads past them. The caller frees the list. */
static inline void reading_list(const struct reader *reader, const void *bytes, size_t size, const char *kind,
                                const char *charset, struct buffer *list)
{
    struct budget budget;
    char *copy = calloc(size + 1, 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, bytes, size);
    buffer_init(list, (size_t)BUDGET_TEXT_MAX * 4);
    budget_open(&budget, size, LISTED_ENTRIES, BUDGET_DEPTH_MAX, clock_monotonic_ms() + LISTED_MS);
    struct reading reading = {.bytes = copy,
                              .size = size,
                              .kind = kind,
                              .charset = charset,
                              .budget = &budget,
                              .listener = &list_listener,
                              .context = list};
    reader->read(&reading);
    free(copy);
}

#endif
