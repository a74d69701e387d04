/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/lists.h"

#include "policy/domain.h"
#include "policy/lines.h"

#include <stdlib.h>
#include <string.h>

enum { PATTERNS_MAX = 2000 };

struct table {
    char **texts;
    size_t count, room;
};

struct lists {
    struct table domains; /* sorted */
    struct table patterns;
};

struct lists *lists_new(void)
{
    return calloc(1, sizeof(struct lists));
}

static void table_free(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->texts[i]);
    free(table->texts);
}

void lists_free(struct lists *lists)
{
    if (!lists)
        return;
    table_free(&lists->domains);
    table_free(&lists->patterns);
    free(lists);
}

size_t lists_count_consumer(const struct lists *lists)
{
    return lists->domains.count + lists->patterns.count;
}

static enum policy_status table_add(struct table *table, const char *text)
{
    if (table->count == table->room) {
        size_t room = table->room ? table->room * 2 : 128;
        char **texts = realloc(table->texts, room * sizeof(char *));
        if (!texts)
            return POLICY_NO_MEMORY;
        table->texts = texts;
        table->room = room;
    }
    char *copy = strdup(text);
    if (!copy)
        return POLICY_NO_MEMORY;
    table->texts[table->count++] = copy;
    return POLICY_OK;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Letters, digits, '-', '*' and '?' in labels that are not empty, the last but one of which has something of
 * its own: "*.*" would name the whole Internet. */
static bool pattern_is_good(const char *pattern)
{
    size_t length = strlen(pattern);
    if (length >= DOMAIN_ROOM || !strchr(pattern, '.') || strstr(pattern, "..") || pattern[0] == '.' ||
        pattern[length - 1] == '.')
        return false;
    if (strspn(pattern, "abcdefghijklmnopqrstuvwxyz0123456789-.*?") != length)
        return false;
    return strcspn(pattern, "abcdefghijklmnopqrstuvwxyz0123456789") < length;
}

static enum policy_status add_line(char *line, void *context, struct refusal *refusal)
{
    struct lists *lists = context;
    char entry[DOMAIN_ROOM];
    size_t length = strcspn(line, "\t \r");
    if (!length || line[0] == '#')
        return POLICY_OK;
    if (length >= sizeof entry)
        return policy_refuse(refusal, "a name of %zu bytes is no domain: names have at most 253", length);
    for (size_t i = 0; i < length; i++)
        entry[i] = line[i] >= 'A' && line[i] <= 'Z' ? (char)(line[i] + ('a' - 'A')) : line[i];
    entry[length] = '\0';
    if (lists_count_consumer(lists) >= LISTS_MAX)
        return policy_refuse(refusal, "more than %d lines: shorten the list", LISTS_MAX);
    if (strpbrk(entry, "*?")) {
        if (!pattern_is_good(entry) || lists->patterns.count >= PATTERNS_MAX)
            return policy_refuse(refusal, "'%s' is no pattern (or there are over %d): write it like yahoo.*",
                                 entry, PATTERNS_MAX);
        return table_add(&lists->patterns, entry);
    }
    char domain[DOMAIN_ROOM];
    if (!domain_canonical(entry, domain) || !domain_parent(domain))
        return policy_refuse(refusal, "'%s' is not a mail domain: write it like mail.example, one a line",
                             entry);
    return table_add(&lists->domains, domain);
}

enum policy_status lists_parse_consumer(struct lists *lists, const char *text, size_t size,
                                        struct refusal *refusal)
{
    enum policy_status status = lines_each(text, size, add_line, lists, refusal);
    if (lists->domains.count)
        qsort(lists->domains.texts, lists->domains.count, sizeof(char *), compare_texts);
    return status;
}

/* Neither * nor ? crosses a dot. One restart point is enough: the last star seen in this label. */
static bool pattern_matches(const char *pattern, const char *domain)
{
    const char *star = NULL, *resume = NULL;
    while (*domain) {
        if (*pattern == '*') {
            star = pattern++;
            resume = domain;
        } else if (*pattern == *domain || (*pattern == '?' && *domain != '.')) {
            pattern++;
            domain++;
            if (pattern[-1] == '.')
                star = NULL;
        } else if (star && *resume != '.') {
            pattern = star + 1;
            domain = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

static const char *find_here(const struct lists *lists, const char *domain)
{
    if (lists->domains.count) {
        char *const *found =
            bsearch(&domain, lists->domains.texts, lists->domains.count, sizeof(char *), compare_texts);
        if (found)
            return *found;
    }
    for (size_t i = 0; i < lists->patterns.count; i++)
        if (pattern_matches(lists->patterns.texts[i], domain))
            return lists->patterns.texts[i];
    return NULL;
}

const char *lists_find_consumer(const struct lists *lists, const char *domain)
{
    for (; domain; domain = domain_parent(domain)) {
        const char *found = find_here(lists, domain);
        if (found)
            return found;
    }
    return NULL;
}
