/* SPDX-License-Identifier: Apache-2.0 */
#include "postfix/logical.h"

#include <ctype.h>
#include <string.h>

void logical_begin(struct logical *logical, struct arena *arena, const char *text)
{
    *logical = (struct logical){.arena = arena, .rest = text, .next = 1};
}

static size_t line_size(const char *text)
{
    size_t size = strcspn(text, "\n");
    return size + (text[size] == '\n');
}

static bool is_nothing(const char *line)
{
    line += strspn(line, " \t\r\f\v");
    return *line == '#' || *line == '\n' || !*line;
}

static void skip_line(struct logical *logical)
{
    logical->rest += line_size(logical->rest);
    logical->next++;
}

static bool goes_on(const char *line)
{
    return *line && (is_nothing(line) || *line == ' ' || *line == '\t');
}

bool logical_next(struct logical *logical, struct logical_line *line_out)
{
    *line_out = (struct logical_line){0};
    while (*logical->rest && is_nothing(logical->rest))
        skip_line(logical);
    if (!*logical->rest)
        return false;
    const char *first = logical->rest;
    line_out->number = logical->next;
    do
        skip_line(logical);
    while (goes_on(logical->rest));
    char *to = line_out->text = arena_alloc(logical->arena, (size_t)(logical->rest - first) + 1, 1);
    if (!to)
        return false;
    for (const char *from = first; from < logical->rest; from += line_size(from)) {
        size_t size = line_size(from);
        if (!is_nothing(from)) {
            memcpy(to, from, size);
            to += size;
        } else if (from[size - 1] == '\n') {
            *to++ = '\n';
        }
    }
    while (to > line_out->text && isspace((unsigned char)to[-1]))
        *--to = '\0';
    return true;
}

unsigned logical_line_of(const char *text, const char *place, unsigned first)
{
    for (; text < place; text++)
        first += *text == '\n';
    return first;
}
