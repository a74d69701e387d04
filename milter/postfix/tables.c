/* SPDX-License-Identifier: Apache-2.0 */
#include "postfix/tables.h"

#include "base/buffer.h"
#include "postfix/file.h"
#include "postfix/table_text.h"

#include <string.h>

enum { DEPTH_MAX = 8, DUMP_MAX = 256 * 1024 * 1024 };

const char *tables_word(struct arena *arena, const char **rest)
{
    const char *start = *rest + strspn(*rest, " \t\r\n,"), *end = start;
    for (int depth = 0; *end && (depth || !strchr(" \t\r\n,", *end)); end++) {
        if (*end == '{')
            depth++;
        else if (*end == '}' && depth)
            depth--;
    }
    *rest = end;
    return end > start ? arena_strndup(arena, start, (size_t)(end - start)) : NULL;
}

/* The text between the braces of "{ … }", in the arena; the text itself without them. */
static const char *without_braces(struct arena *arena, const char *text)
{
    size_t size = strlen(text);
    bool braces = size >= 2 && text[0] == '{' && text[size - 1] == '}';
    return braces ? arena_strndup(arena, text + 1, size - 2) : text;
}

static void give_entry(const struct table_request *request, const char *table, const char *key,
                       const char *value)
{
    const struct table_entry entry = {.table = table, .key = key, .value = value, .place = request->place};
    request->reader.entry(request->reader.context, &entry);
}

/* "{ key = value } key=value" */
static void read_inline(const struct table_request *request, const char *table, const char *text)
{
    const char *rest = without_braces(request->arena, text), *word = NULL;
    while (rest && (word = tables_word(request->arena, &rest))) {
        const char *pair = without_braces(request->arena, word);
        const char *equals = pair ? strchr(pair, '=') : NULL;
        if (!equals)
            continue;
        pair += strspn(pair, " \t");
        size_t length = (size_t)(equals - pair);
        while (length && strchr(" \t", pair[length - 1]))
            length--;
        const char *key = arena_strndup(request->arena, pair, length);
        if (key)
            give_entry(request, table, key, equals + 1 + strspn(equals + 1, " \t"));
    }
}

/* static:VALUE, randmap:{ VALUE, VALUE } */
static void read_values(const struct table_request *request, const char *table, const char *text)
{
    const char *value = without_braces(request->arena, text);
    if (value)
        give_entry(request, table, "*", value);
}

static void read_text(const struct table_request *request, const char *table, const char *path,
                      enum table_syntax syntax, bool may_be_missing)
{
    const char *text = "";
    struct problem problem = {""};
    enum result result = file_read(request->arena, path, NULL, &text, &problem);
    if (result == RESULT_NOT_FOUND && may_be_missing)
        return;
    request->reader.file(request->reader.context, path);
    if (result != RESULT_OK)
        request->reader.unread(request->reader.context, path, problem.text);
    else
        table_text_read(request, table, path, text, syntax);
}

/* Lines "KEY TAB VALUE" of postmap. */
static void read_answers(const struct table_request *request, const char *table, const char *path, char *text)
{
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *tab = strchr(line, '\t');
        if (!tab)
            continue;
        *tab = '\0';
        const struct table_entry entry = {.table = table,
                                          .key = line,
                                          .value = tab + 1,
                                          .place = {.file = path},
                                          .is_compiled = true,
                                          .is_alias = request->is_alias};
        request->reader.entry(request->reader.context, &entry);
    }
}

static void run_postmap(const struct table_request *request, const char *option, const char *key,
                        const char *table, const char *path, const char *input)
{
    struct problem problem = {""};
    struct buffer out;
    buffer_init(&out, DUMP_MAX);
    enum result result = postfix_postmap(request->postfix, option, key, table, input, &out, &problem);
    char *text = result == RESULT_OK ? arena_strdup(request->arena, buffer_text(&out)) : NULL;
    buffer_free(&out);
    if (text)
        read_answers(request, table, path, text);
    else
        request->reader.unread(request->reader.context, table,
                               result == RESULT_OK ? "no memory" : problem.text);
}

/* The text first, so that what is in both has the line. */
static void read_compiled(const struct table_request *request, const char *table, const char *path)
{
    read_text(request, table, path, request->is_alias ? TABLE_ALIASES : TABLE_PAIRS, true);
    run_postmap(request, "-s", NULL, table, path, NULL);
}

void table_ask(const struct table_request *request, const char *table, const char *keys)
{
    const char *colon = strchr(table, ':');
    run_postmap(request, "-q", "-", table, colon && colon[1] == '/' ? colon + 1 : table, keys);
}

enum table_kind { COMPILED, PAIRS, PATTERNS, INLINE, VALUES, EACH, LAST, PROXY, NOTHING, QUESTION };

static enum table_kind kind_of(const char *type, size_t length)
{
    static const struct {
        const char *type;
        enum table_kind kind;
    } kinds[] = {
        {"hash", COMPILED},   {"btree", COMPILED}, {"lmdb", COMPILED},  {"cdb", COMPILED},
        {"dbm", COMPILED},    {"sdbm", COMPILED},  {"texthash", PAIRS}, {"cidr", PAIRS},
        {"regexp", PATTERNS}, {"pcre", PATTERNS},  {"inline", INLINE},  {"static", VALUES},
        {"randmap", VALUES},  {"unionmap", EACH},  {"pipemap", LAST},   {"proxy", PROXY},
        {"fail", NOTHING},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(type, kinds[i].type, length) == 0 && !kinds[i].type[length])
            return kinds[i].kind;
    return QUESTION;
}

static void read_list(const struct table_request *request, const char *list, bool last_only, int depth);

static void read_one(const struct table_request *request, const char *table, int depth)
{
    const char *colon = strchr(table, ':');
    if (!colon || colon == table || depth > DEPTH_MAX)
        return;
    const char *name = colon + 1;
    switch (kind_of(table, (size_t)(colon - table))) {
    case COMPILED:
        read_compiled(request, table, name);
        return;
    case PAIRS:
        read_text(request, table, name, TABLE_PAIRS, false);
        return;
    case PATTERNS:
        read_text(request, table, name, TABLE_PATTERNS, false);
        return;
    case INLINE:
        read_inline(request, table, name);
        return;
    case VALUES:
        read_values(request, table, name);
        return;
    case EACH:
    case LAST:
        name = without_braces(request->arena, name);
        if (name)
            read_list(request, name, kind_of(table, (size_t)(colon - table)) == LAST, depth + 1);
        return;
    case PROXY:
        read_one(request, name, depth + 1);
        return;
    case NOTHING:
        return;
    case QUESTION:
        request->reader.question(request->reader.context, table);
    }
}

static void read_list(const struct table_request *request, const char *list, bool last_only, int depth)
{
    const char *word = NULL, *last = NULL;
    while ((word = tables_word(request->arena, &list))) {
        if (!last_only)
            read_one(request, word, depth);
        last = word;
    }
    if (last_only && last)
        read_one(request, last, depth);
}

void tables_read(const struct table_request *request, const char *list)
{
    read_list(request, list, false, 0);
}
