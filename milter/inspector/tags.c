/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/tags.h"

#include "inspector/normal.h"

#include <stdio.h>
#include <string.h>

enum { TOKENS_MAX = 24, WINDOW_MAX = 5, EXTENSION_MAX = 5, LEVELS_MOST = 2, LEVEL_COMMON = 3 };

struct writing {
    bool upper, lower, letters;
};

static struct writing writing_of(const char *text, size_t size)
{
    struct writing writing = {0};
    for (size_t at = 0; at < size;) {
        enum fold_class class = fold_class(normal_fold(), fold_next(text, size, &at));
        writing.upper |= class == FOLD_UPPER;
        writing.lower |= class == FOLD_LOWER;
        writing.letters |= class != FOLD_OTHER;
    }
    return writing;
}

static int highest(const struct forms_line *line)
{
    int level = -1;
    for (size_t i = 0; i < line->n_rows; i++)
        if (line->rows[i]->rank.level > level)
            level = line->rows[i]->rank.level;
    return level;
}

static void add(struct marking_list *list, const struct forms_line *line, enum stance stance,
                const char *where)
{
    if (line->n_rows > LEVELS_MOST && stance == STANCE_FIRM && !line->announced)
        stance = STANCE_LOOSE;
    for (size_t i = 0; i < line->n_rows; i++) {
        struct marking_seen seen = {.form = line->rows[i]->form,
                                    .rank = line->rows[i]->rank,
                                    .strength = line->rows[i]->strength,
                                    .stance = stance};
        (void)snprintf(seen.where, sizeof seen.where, "%s", where);
        marking_list_add(list, &seen);
    }
}

static char closing(char open)
{
    return open == '[' ? ']' : open == '(' ? ')' : open == '{' ? '}' : '\0';
}

/* Round brackets are for asides, too. */
static enum stance stance_in(char bracket, const char *text, size_t size, const struct forms_line *line)
{
    struct writing writing = writing_of(text, size);
    if (bracket == '[' || !writing.lower || (highest(line) <= LEVEL_COMMON && line->n_rows > 1))
        return STANCE_FIRM;
    return STANCE_LOOSE;
}

static void read_brackets(const struct forms *forms, const struct label_values *labels, const char *raw,
                          size_t size, const char *where, struct marking_list *list)
{
    struct forms_line line;
    for (size_t at = 0; at < size; at++) {
        char close = closing(raw[at]);
        const char *end = close ? memchr(raw + at + 1, close, size - at - 1) : NULL;
        if (!end)
            continue;
        const char *text = raw + at + 1;
        size_t length = (size_t)(end - text);
        if (labels && label_values_read_pairs(labels, text, length, where, list))
            at += length + 1;
        else if (forms_read(forms, text, length, &line))
            add(list, &line, stance_in(raw[at], text, length, &line), where);
    }
}

/* "Re: Tr : " and what else says that this is an answer: short words before a colon. */
static size_t skip_answers(const char *raw, size_t size)
{
    static const char *const words[] = {"RE", "TR", "FW", "FWD", "REP", "رد", "اعاده توجيه", "توجيه"};
    char normal[64];
    size_t at = 0;
    for (const char *colon; (colon = memchr(raw + at, ':', size - at)); at = (size_t)(colon - raw) + 1) {
        size_t length = (size_t)(colon - raw) - at, i = 0;
        if (length >= sizeof normal / NORMAL_ROOM_FACTOR)
            break;
        (void)normal_line(raw + at, length, normal, sizeof normal);
        while (i < sizeof words / sizeof *words && strcmp(words[i], normal) != 0)
            i++;
        if (i == sizeof words / sizeof *words)
            break;
    }
    return at;
}

void tags_read_subject(const struct forms *forms, const struct label_values *labels, const char *raw,
                       size_t size, struct marking_list *list)
{
    struct forms_line line;
    size_t start = skip_answers(raw, size);
    read_brackets(forms, labels, raw, size, "subject", list);
    if (!forms_read(forms, raw + start, size - start, &line))
        return;
    struct writing writing = writing_of(raw + start, size - start);
    bool plain = writing.lower && !line.announced && highest(&line) > LEVEL_COMMON;
    add(list, &line, plain ? STANCE_LOOSE : STANCE_FIRM, "subject");
}

struct token {
    size_t start, end;
    bool soft_before; /* only a blank before it: words of a phrase */
};

static bool is_mark(uint32_t code)
{
    return fold_class(normal_fold(), code) == FOLD_OTHER;
}

static size_t split_name(const char *raw, size_t size, struct token tokens[TOKENS_MAX])
{
    size_t n = 0;
    bool within = false, soft = false;
    for (size_t at = 0; at < size;) {
        size_t from = at;
        uint32_t code = fold_next(raw, size, &at);
        if (is_mark(code)) {
            soft = (within || soft) && (code == ' ' || code == 0xa0 || code == '\'' || code == 0x2019);
            within = false;
            continue;
        }
        if (!within && n == TOKENS_MAX)
            break;
        if (!within) {
            tokens[n] = (struct token){.start = from, .soft_before = soft && n > 0};
            n++;
        }
        within = true;
        tokens[n - 1].end = at;
    }
    return n;
}

static size_t without_extension(const char *raw, size_t size)
{
    size_t dot = size;
    while (dot && raw[dot - 1] != '.' && size - dot <= EXTENSION_MAX)
        dot--;
    return dot > 1 && raw[dot - 1] == '.' && size - dot <= EXTENSION_MAX ? dot - 1 : size;
}

/* "SECRET_DE_BEAUTE": what follows makes a phrase of it. */
static bool is_function_word(const char *raw, const struct token *token)
{
    static const char *const words[] = {"DE", "DU", "DES", "D",  "LA",  "LE", "LES",
                                        "L",  "OF", "THE", "ET", "AND", "في", "من"};
    char normal[32];
    if (token->end - token->start >= sizeof normal / NORMAL_ROOM_FACTOR)
        return false;
    (void)normal_line(raw + token->start, token->end - token->start, normal, sizeof normal);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], normal))
            return true;
    return false;
}

struct window {
    const char *raw;
    size_t size;
    const struct token *tokens;
    size_t n, first, last;
    bool soft; /* a phrase goes on before or behind it */
};

static bool others_are_numbers(const struct window *window)
{
    for (size_t i = 0; i < window->n; i++)
        if ((i < window->first || i > window->last) &&
            strspn(window->raw + window->tokens[i].start, "0123456789") <
                window->tokens[i].end - window->tokens[i].start)
            return false;
    return true;
}

static enum stance stance_of_name(const struct window *window, int level)
{
    size_t start = window->tokens[window->first].start, end = window->tokens[window->last].end;
    struct writing own = writing_of(window->raw + start, end - start);
    struct writing before = writing_of(window->raw, start);
    struct writing after = writing_of(window->raw + end, window->size - end);
    bool at_end = window->first == 0 || window->last + 1 == window->n;
    if (window->last + 1 < window->n && is_function_word(window->raw, &window->tokens[window->last + 1]))
        return STANCE_LOOSE;
    if (own.upper && !own.lower && (before.lower || after.lower))
        return STANCE_FIRM;
    if (window->soft)
        return STANCE_NONE;
    if (others_are_numbers(window) && !own.lower)
        return STANCE_FIRM;
    if (!own.upper && !own.lower)
        return at_end ? STANCE_FIRM : STANCE_LOOSE;
    return level <= LEVEL_COMMON && at_end ? STANCE_FIRM : STANCE_LOOSE;
}

/* The longest marking that begins with the token. Returns how many tokens it takes. */
static size_t read_window(const struct forms *forms, struct window *window, struct marking_list *list)
{
    for (size_t take = WINDOW_MAX; take; take--) {
        window->last = window->first + take - 1;
        if (window->last >= window->n)
            continue;
        window->soft = window->tokens[window->first].soft_before ||
                       (window->last + 1 < window->n && window->tokens[window->last + 1].soft_before);
        size_t start = window->tokens[window->first].start;
        const struct marking_row *row =
            forms_find(forms, window->raw + start, window->tokens[window->last].end - start);
        if (!row || row->strength > MARKING_WEAK)
            continue;
        const struct forms_line line = {.rows = {row}, .n_rows = 1};
        add(list, &line, stance_of_name(window, row->rank.level), "file name");
        return take;
    }
    return 1;
}

void tags_read_name(const struct forms *forms, const char *raw, size_t size, struct marking_list *list)
{
    struct token tokens[TOKENS_MAX];
    struct window window = {.raw = raw, .size = without_extension(raw, size), .tokens = tokens};
    window.n = split_name(raw, window.size, tokens);
    read_brackets(forms, NULL, raw, window.size, "file name", list);
    while (window.first < window.n)
        window.first += read_window(forms, &window, list);
}
