/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/reader.h"

#include "helper/pages.h"

#include <string.h>

void reading_raise(struct reading *reading, unsigned flags, const char *why)
{
    reading->listener->raise(reading->context, flags, why);
}

static bool stopped(struct reading *reading)
{
    reading_raise(reading, PART_UNREAD, reading->budget->exhausted);
    return false;
}

bool reading_text(struct reading *reading, enum text_place place, const char *utf8, size_t size)
{
    if (!budget_text(reading->budget, size))
        return stopped(reading);
    reading->listener->text(reading->context, place, utf8, size);
    return true;
}

void reading_property(struct reading *reading, const char *name, const char *value)
{
    if (budget_text(reading->budget, strlen(name) + strlen(value)))
        reading->listener->property(reading->context, name, value);
    else
        (void)stopped(reading);
}

bool reading_embedded(struct reading *reading, const char *name, const void *bytes, size_t size)
{
    if (!budget_entry(reading->budget))
        return stopped(reading);
    reading->listener->embedded(reading->context, name, bytes, size);
    return !reading->budget->exhausted || stopped(reading);
}

bool reading_closed(struct reading *reading, const char *name, unsigned flags, const char *why)
{
    if (!budget_entry(reading->budget))
        return stopped(reading);
    reading->listener->closed(reading->context, name, flags, why);
    return true;
}

void reading_kind(struct reading *reading, const char *kind)
{
    reading->kind = kind;
    reading->listener->kind(reading->context, kind);
}

void reading_rest(const struct reading *reading)
{
    pages_rest_beside(reading->size);
}

static bool reads(const struct reader *reader, const char *kind)
{
    for (const char *const *known = reader->kinds; *known; known++) {
        size_t size = strlen(*known);
        bool whole = (*known)[size - 1] != '*';
        if (whole ? !strcmp(*known, kind) : !strncmp(*known, kind, size - 1))
            return true;
    }
    return false;
}

const struct reader *reader_find(const struct reader *const *readers, const char *kind)
{
    while (*readers && !reads(*readers, kind))
        readers++;
    return *readers;
}
