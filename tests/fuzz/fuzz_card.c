/* SPDX-License-Identifier: Apache-2.0 */

/* What may pass as conversation: pictures, cards and calendars, judged and read. Whatever a card's reader
 * makes of it, and what stands in a picture beside its pixels, is within bounds, and text is UTF-8. */

#include "base/clock.h"
#include "base/text.h"
#include "inspector/card.h"
#include "inspector/card_reader.h"
#include "inspector/image.h"
#include "inspector/notes.h"
#include "inspector/picture.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 100, MOST_MS = 10 * 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct sum {
    size_t text, embedded;
};

static void on_text(void *context, enum text_place place, const char *utf8, size_t size)
{
    struct sum *sum = context;
    (void)place;
    (void)utf8;
    sum->text += size;
}

static void on_property(void *context, const char *name, const char *value)
{
    (void)context;
    (void)name;
    (void)value;
}

static void on_embedded(void *context, const char *name, const void *bytes, size_t size)
{
    struct sum *sum = context;
    (void)name;
    (void)bytes;
    sum->embedded += size;
}

static void on_closed(void *context, const char *name, unsigned flags, const char *why)
{
    (void)context;
    (void)name;
    (void)flags;
    (void)why;
}

static void on_raise(void *context, unsigned flags, const char *why)
{
    (void)context;
    (void)flags;
    if (!why)
        abort();
}

static void on_kind(void *context, const char *kind)
{
    (void)context;
    (void)kind;
}

static void read_notes(const uint8_t *bytes, size_t size)
{
    struct buffer notes, said;
    buffer_init(&notes, NOTES_MAX);
    buffer_init(&said, 2 * (size_t)NOTES_MAX);
    (void)notes_of_picture(bytes, size, &notes);
    notes_of_bytes(bytes, size, &notes);
    notes_without_markup(buffer_text(&notes), notes.size, &said);
    if (!notes.failed && !text_is_utf8(buffer_text(&notes), notes.size))
        abort();
    buffer_free(&said);
    buffer_free(&notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct reading_listener listener = {on_text,   on_property, on_embedded,
                                                     on_closed, on_raise,    on_kind};
    static struct rawscan scan;
    struct picture_allowance allowance = {0};
    struct image image;
    struct sum sum = {0};
    struct budget budget;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    if (size)
        memcpy(text, bytes, size);
    text[size] = '\0';
    if (!image_read(bytes, size, &image) && (!image.width || !image.height || !image.kind))
        abort();
    read_notes(bytes, size);
    (void)card_judge(CARD_CONTACT, text, size, &scan, &allowance);
    (void)card_judge(CARD_CALENDAR, text, size, &scan, &allowance);
    if (allowance.n > PICTURES_MAX || allowance.area > PICTURES_AREA_MAX)
        abort();
    budget_open(&budget, size, ENTRIES, 1, clock_monotonic_ms() + MOST_MS);
    struct reading reading = {.bytes = text,
                              .size = size,
                              .kind = "text/vcard",
                              .charset = "",
                              .budget = &budget,
                              .listener = &listener,
                              .context = &sum};
    card_reader.read(&reading);
    /* A value with markup is read twice, and a reference of three characters may stand for four. */
    if (sum.text > 4 * size + 16 || sum.embedded > 4 * size)
        abort();
    free(text);
    return 0;
}
