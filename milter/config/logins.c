/* SPDX-License-Identifier: Apache-2.0 */
#include "config/load.h"
#include "config/values.h"

#include <string.h>

enum { ADDRESSES_MAX = 64 };

static size_t count_lines(const struct source *source)
{
    size_t n = 1;
    for (size_t i = 0; i < source->size; i++)
        n += source->text[i] == '\n';
    return n;
}

/* "address, address" into a NULL-terminated list; the text is cut up in place. */
static const char *const *split_addresses(struct values *values, unsigned line, char *text)
{
    const char *found[ADDRESSES_MAX];
    size_t n = 0;
    char *rest = NULL;
    for (char *word = strtok_r(text, ", \t\r", &rest); word; word = strtok_r(NULL, ", \t\r", &rest)) {
        const char *at = strchr(word, '@');
        if (n == ADDRESSES_MAX)
            values_wrong(values, line, "over %d addresses for one login: shorten the line", ADDRESSES_MAX);
        else if (!at || at == word || !at[1] || strchr(at + 1, '@'))
            values_wrong(values, line, "'%s' is no mail address: write it like user@domain.example", word);
        else
            found[n++] = word;
        if (values->result != RESULT_OK)
            return NULL;
    }
    const char **list = arena_alloc(values->arena, n + 1, sizeof *list);
    if (!list)
        values_no_memory(values);
    else
        memcpy(list, found, n * sizeof *list);
    return list;
}

static bool read_line(struct values *values, unsigned line, char *text, struct login_settings *login)
{
    text += strspn(text, " \t");
    if (!*text || *text == '#' || *text == '\r')
        return false;
    char *colon = strchr(text, ':');
    if (!colon || colon == text) {
        values_wrong(values, line, "no colon after the login: write LOGIN: address, address");
        return false;
    }
    *colon = '\0';
    char *end = colon;
    while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = '\0';
    login->login = text;
    login->addresses = split_addresses(values, line, colon + 1);
    if (login->addresses && !login->addresses[0])
        values_wrong(values, line, "login '%s' has no address: write LOGIN: address, address", text);
    return login->addresses != NULL;
}

enum result load_logins(struct arena *arena, const struct source *source, struct config *config,
                        struct problem *problem)
{
    struct values values = {.arena = arena, .path = source->path, .problem = problem, .result = RESULT_OK};
    struct login_settings *logins = arena_alloc(arena, count_lines(source), sizeof *logins);
    char *text = arena_copy(arena, source->text, source->size + 1);
    unsigned line = 0;
    size_t n = 0;
    if (!logins || !text)
        values_no_memory(&values);
    for (char *next = text; values.result == RESULT_OK && logins && next && *next;) {
        char *here = next, *end = strchr(here, '\n');
        next = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        line++;
        n += read_line(&values, line, here, &logins[n]);
    }
    config->logins = logins;
    config->n_logins = n;
    return values.result;
}
