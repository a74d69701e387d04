/* SPDX-License-Identifier: Apache-2.0 */
#include "forwards/sieve_token.h"

#include "base/text.h"

#include <string.h>

static const char name_start[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
static const char name_more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

static void skip(struct sieve_reader *reader, size_t size)
{
    for (; size && *reader->rest; size--)
        reader->line += *reader->rest++ == '\n';
}

/* Blanks and comments. False: a comment without an end. */
static bool skip_nothing(struct sieve_reader *reader)
{
    for (;;) {
        skip(reader, strspn(reader->rest, " \t\r\n"));
        if (*reader->rest == '#') {
            skip(reader, strcspn(reader->rest, "\n"));
        } else if (strncmp(reader->rest, "/*", 2) == 0) {
            const char *end = strstr(reader->rest + 2, "*/");
            skip(reader, end ? (size_t)(end + 2 - reader->rest) : strlen(reader->rest));
            if (!end)
                return false;
        } else {
            return true;
        }
    }
}

static struct sieve_token named(struct sieve_reader *reader, enum sieve_kind kind, size_t mark)
{
    struct sieve_token token = {.kind = kind, .line = reader->line};
    size_t size = strspn(reader->rest + mark, name_more);
    char *text = arena_strndup(reader->arena, reader->rest + mark, size);
    if (text)
        text_lower_in_place(text);
    token.text = text;
    token.kind = text ? kind : SIEVE_WRONG;
    skip(reader, mark + size);
    return token;
}

static struct sieve_token quoted(struct sieve_reader *reader)
{
    struct sieve_token token = {.kind = SIEVE_STRING, .line = reader->line};
    const char *end = reader->rest + 1;
    while (*end && *end != '"')
        end += *end == '\\' && end[1] ? 2 : 1;
    char *to = arena_alloc(reader->arena, (size_t)(end - reader->rest) + 1, 1);
    token.text = to;
    if (!to || !*end)
        token.kind = SIEVE_WRONG;
    for (const char *from = reader->rest + 1; to && from < end; from++) {
        from += *from == '\\' && from + 1 < end;
        *to++ = *from;
    }
    skip(reader, (size_t)(end - reader->rest) + (*end == '"'));
    return token;
}

/* "text:", a line end, lines up to one that is a dot alone; a dot in front of a line was doubled. */
static struct sieve_token many_lines(struct sieve_reader *reader)
{
    skip(reader, strlen("text:"));
    skip(reader, strcspn(reader->rest, "\n"));
    skip(reader, 1);
    struct sieve_token token = {.kind = SIEVE_WRONG, .line = reader->line};
    const char *start = reader->rest;
    for (const char *line = start; *line;) {
        size_t size = strcspn(line, "\n");
        if (line[0] == '.' && (size == 1 || (size == 2 && line[1] == '\r'))) {
            token.text = arena_strndup(reader->arena, start, (size_t)(line - start));
            token.kind = token.text ? SIEVE_STRING : SIEVE_WRONG;
            skip(reader, (size_t)(line - start) + size);
            return token;
        }
        line += size + (line[size] == '\n');
    }
    skip(reader, strlen(start));
    return token;
}

struct sieve_token sieve_next(struct sieve_reader *reader)
{
    if (!skip_nothing(reader))
        return (struct sieve_token){.kind = SIEVE_WRONG, .line = reader->line};
    struct sieve_token token = {.line = reader->line};
    char c = *reader->rest;
    if (!c)
        return token;
    if (c == '"')
        return quoted(reader);
    if (strncasecmp(reader->rest, "text:", 5) == 0)
        return many_lines(reader);
    if (strchr(name_start, c))
        return named(reader, SIEVE_WORD, 0);
    if (c == ':' && reader->rest[1] && strchr(name_start, reader->rest[1]))
        return named(reader, SIEVE_TAG, 1);
    token.kind = SIEVE_WRONG;
    if (strchr("[]{}(),;", c)) {
        token.kind = SIEVE_SIGN;
        token.sign = c;
    }
    size_t digits = strspn(reader->rest, "0123456789");
    if (digits) {
        token.kind = SIEVE_NUMBER;
        digits += reader->rest[digits] && strchr("kKmMgG", reader->rest[digits]);
    }
    skip(reader, digits ? digits : 1);
    return token;
}
