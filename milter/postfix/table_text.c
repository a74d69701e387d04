/* SPDX-License-Identifier: Apache-2.0 */
#include "postfix/table_text.h"

#include "postfix/logical.h"

#include <ctype.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

/* A key that may stand in quotation marks ends at the first of `ends`; NULL: it does not. */
static char *key_end(char *text, const char *ends)
{
    bool quoted = false;
    for (; *text; text++) {
        if (*text == '\\' && text[1])
            text++;
        else if (*text == '"')
            quoted = !quoted;
        else if (!quoted && strchr(ends, *text))
            return text;
    }
    return NULL;
}

/* In place. */
static char *unquoted(char *key)
{
    size_t size = strlen(key);
    if (size < 2 || key[0] != '"' || key[size - 1] != '"')
        return key;
    key[size - 1] = '\0';
    return key + 1;
}

static bool split_alias(char *text, char **key_out, char **value_out)
{
    char *colon = key_end(text, ":");
    if (!colon)
        return false;
    *value_out = colon + 1 + strspn(colon + 1, blanks);
    do
        *colon-- = '\0';
    while (colon > text && strchr(blanks, *colon));
    *key_out = unquoted(text);
    return true;
}

static bool split_pair(char *text, char **key_out, char **value_out)
{
    char *end = key_end(text, blanks);
    if (!end)
        return false;
    *value_out = end + 1 + strspn(end + 1, blanks);
    *end = '\0';
    *key_out = unquoted(text);
    return true;
}

/* "/pattern/flags value"; "if" and "endif" have none. */
static bool split_pattern(char *text, char **key_out, char **value_out)
{
    text += strspn(text, "! \t");
    char delimiter = *text;
    if (!delimiter || isalnum((unsigned char)delimiter))
        return false;
    char *end = text + 1;
    for (; *end && *end != delimiter; end++)
        if (*end == '\\' && end[1])
            end++;
    if (!*end)
        return false;
    *end = '\0';
    *key_out = text + 1;
    *value_out = end + 1 + strcspn(end + 1, blanks);
    *value_out += strspn(*value_out, blanks);
    return true;
}

void table_text_read(const struct table_request *request, const char *table, const char *path,
                     const char *text, enum table_syntax syntax)
{
    static bool (*const splits[])(char *, char **, char **) = {
        [TABLE_ALIASES] = split_alias, [TABLE_PAIRS] = split_pair, [TABLE_PATTERNS] = split_pattern};
    struct logical logical;
    struct logical_line line;
    logical_begin(&logical, request->arena, text);
    while (logical_next(&logical, &line)) {
        char *key = NULL, *value = NULL, *copy = arena_strdup(request->arena, line.text);
        if (!copy || !splits[syntax](copy, &key, &value) || !*value)
            continue;
        struct table_entry entry = {.table = table,
                                    .key = key,
                                    .value = value,
                                    .place = {.file = path, .line = line.number},
                                    .is_pattern = syntax == TABLE_PATTERNS,
                                    .is_alias = syntax == TABLE_ALIASES};
        entry.place.line = logical_line_of(line.text, line.text + (value - copy), line.number);
        request->reader.entry(request->reader.context, &entry);
    }
    if (*logical.rest)
        request->reader.unread(request->reader.context, path, "no memory");
}
