/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/dkim_tags.h"

#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name_char(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (!first && ((c >= '0' && c <= '9') || c == '_'));
}

static void trim(const char **text, size_t *size)
{
    while (*size && is_blank(**text)) {
        (*text)++;
        (*size)--;
    }
    while (*size && is_blank((*text)[*size - 1]))
        (*size)--;
}

static enum result take_name(const char *text, size_t size, struct arena *arena, const char **name_out)
{
    trim(&text, &size);
    for (size_t i = 0; i < size; i++)
        if (!is_name_char(text[i], i == 0))
            return RESULT_BAD_INPUT;
    if (!size)
        return RESULT_BAD_INPUT;
    *name_out = arena_strndup(arena, text, size);
    return *name_out ? RESULT_OK : RESULT_TRY_LATER;
}

static enum result take_value(const char *text, size_t size, struct arena *arena, const char **value_out)
{
    char *value = arena_alloc(arena, size + 1, 1);
    size_t length = 0;
    if (!value)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < size; i++) {
        if (is_blank(text[i]))
            continue;
        if (text[i] < '!' || text[i] > '~')
            return RESULT_BAD_INPUT;
        value[length++] = text[i];
    }
    *value_out = value;
    return RESULT_OK;
}

static enum result take_tag(const char *text, size_t size, struct arena *arena, struct dkim_tags *tags)
{
    const char *equals = memchr(text, '=', size), *name = NULL, *value = NULL;
    if (!equals || tags->n_tags == DKIM_TAGS_MAX)
        return RESULT_BAD_INPUT;
    size_t name_size = (size_t)(equals - text);
    enum result result = take_name(text, name_size, arena, &name);
    if (result == RESULT_OK)
        result = take_value(equals + 1, size - name_size - 1, arena, &value);
    if (result != RESULT_OK)
        return result;
    if (dkim_tag(tags, name))
        return RESULT_BAD_INPUT;
    tags->tags[tags->n_tags].name = name;
    tags->tags[tags->n_tags++].value = value;
    return RESULT_OK;
}

enum result dkim_tags_parse(const char *text, size_t size, struct arena *arena, struct dkim_tags *tags)
{
    tags->n_tags = 0;
    while (size) {
        const char *semicolon = memchr(text, ';', size);
        size_t length = semicolon ? (size_t)(semicolon - text) : size;
        const char *tag = text;
        size_t tag_size = length;
        trim(&tag, &tag_size);
        /* A semicolon at the very end has nothing behind it. */
        if (!tag_size && !semicolon)
            break;
        enum result result = take_tag(tag, tag_size, arena, tags);
        if (result != RESULT_OK)
            return result;
        text += length + (semicolon ? 1 : 0);
        size -= length + (semicolon ? 1 : 0);
    }
    return tags->n_tags ? RESULT_OK : RESULT_BAD_INPUT;
}

const char *dkim_tag(const struct dkim_tags *tags, const char *name)
{
    for (size_t i = 0; i < tags->n_tags; i++)
        if (strcmp(tags->tags[i].name, name) == 0)
            return tags->tags[i].value;
    return NULL;
}
