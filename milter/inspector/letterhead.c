/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/letterhead.h"

#include "inspector/normal.h"
#include "inspector/stance.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEADING_LINES = 30,
    HEADING_CHARACTERS = 90,
    DOCUMENT_SUM = 3,
    MAIL_SUM = 6,
    MAIL_KINDS = 3,
    MAIL_REACH = 12,     /* lines from kingdom or ministry to the rest */
    MAIL_HEAD_REACH = 6, /* lines from "De :" to "Objet :" */
    REFERENCE_WEIGHT = 2,
    PAIRS = 64 * 1024 / 8,
    ORG_WORDS = 7,   /* of a ministry's name that is not in capitals */
    TYPE_WORDS = 1,  /* after "Note de service" */
    TITLE_WORDS = 7, /* after "محضر", where a title stands: right below kingdom or ministry */
};

struct heading {
    const struct heading_row *row;
    char *normal;
    size_t size;
    char joined[MARKING_KEY_ROOM]; /* without blanks, as spaced-out letters are read */
};

struct headings {
    struct heading *list;
    size_t n;
    unsigned char pairs[PAIRS]; /* first two bytes, a bit each */
};

static unsigned pair_of(const char *text)
{
    return (unsigned)(unsigned char)text[0] << 8 | (unsigned char)text[1];
}

static bool add_row(struct headings *headings, const struct heading_row *row)
{
    char normal[MARKING_KEY_ROOM];
    struct heading *heading = &headings->list[headings->n];
    size_t size = normal_line(row->form, strlen(row->form), normal, sizeof normal);
    heading->row = row;
    heading->size = size;
    heading->normal = strdup(normal);
    for (size_t i = 0, used = 0; i < size; i++)
        if (normal[i] != ' ')
            heading->joined[used++] = normal[i];
    if (!heading->normal)
        return false;
    unsigned pair = pair_of(normal);
    headings->pairs[pair / 8] |= (unsigned char)(1U << pair % 8);
    headings->n++;
    return true;
}

struct headings *headings_new(const struct marking_tables *tables)
{
    struct headings *headings = calloc(1, sizeof *headings);
    if (!headings)
        return NULL;
    headings->list = calloc(tables->n_headings + 1, sizeof *headings->list);
    bool good = headings->list != NULL;
    for (size_t i = 0; good && i < tables->n_headings; i++)
        good = add_row(headings, &tables->headings[i]);
    if (good)
        return headings;
    headings_free(headings);
    return NULL;
}

void headings_free(struct headings *headings)
{
    if (!headings)
        return;
    for (size_t i = 0; i < headings->n; i++)
        free(headings->list[i].normal);
    free(headings->list);
    free(headings);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static unsigned count_words(const char *text)
{
    unsigned n = 0;
    for (const char *at = text; *at; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        n += *at != '\0';
    }
    return n;
}

/* "N° 12", "رقم 12": the second word is a number. */
static bool is_numbered(const char *rest)
{
    rest += strspn(rest, " ");
    if (!is_digit(*rest)) {
        rest += strcspn(rest, " ");
        rest += strspn(rest, " ");
    }
    return is_digit(*rest);
}

static const struct heading *find_heading(const struct headings *headings, const char *normal, size_t size);

/* Nothing more, a mark that parts, or the same in the other language beside it. */
static bool ends_name(const struct headings *headings, const char *rest)
{
    if (!*rest || (*rest != ' ' && !is_digit(*rest)))
        return true;
    while (*rest == ' ')
        rest++;
    return ((unsigned char)*rest < 128 && !normal_is_word((unsigned char)*rest)) ||
           find_heading(headings, rest, strlen(rest)) != NULL;
}

static bool has_case(const char *raw, size_t size)
{
    for (size_t at = 0; at < size;) {
        enum fold_class class = fold_class(normal_fold(), fold_next(raw, size, &at));
        if (class == FOLD_UPPER || class == FOLD_LOWER)
            return true;
    }
    return false;
}

/* rest: of the normal form, behind the heading. titled: kingdom or ministry stand on the line above. */
static bool goes_on_well(const struct headings *headings, enum heading_kind kind,
                         const struct text_line *line, const char *rest, bool titled)
{
    bool capitals = stance_look(line->raw, line->raw_size).capitals;
    unsigned words = titled && !has_case(line->raw, line->raw_size) ? TITLE_WORDS : TYPE_WORDS;
    size_t blanks = strspn(rest, " ");
    bool colon = rest[blanks] == ':' || (!rest[blanks] && memchr(line->raw, ':', line->raw_size));
    switch (kind) {
    case HEADING_STATE:
        return ends_name(headings, rest);
    case HEADING_ORG:
        return !strpbrk(rest, ":?!\"") && (capitals || count_words(rest) <= ORG_WORDS);
    case HEADING_TYPE:
        return !*rest || colon || is_numbered(rest) || strncmp(rest, " N°", strlen(" N°")) == 0 || capitals ||
               count_words(rest) <= words;
    case HEADING_FIELD:
    case HEADING_MAIL:
        return colon;
    case HEADING_ROUTE:
    case HEADING_ADDRESS:
    case HEADING_CLOSE:
        break;
    }
    return true;
}

static const struct heading *find_heading(const struct headings *headings, const char *normal, size_t size)
{
    const struct heading *best = NULL;
    unsigned pair = size >= 2 ? pair_of(normal) : 0;
    if (size < 2 || !(headings->pairs[pair / 8] >> pair % 8 & 1))
        return NULL;
    for (size_t i = 0; i < headings->n; i++) {
        const struct heading *heading = &headings->list[i];
        size_t at = heading->size;
        if (size < at || memcmp(normal, heading->normal, at) != 0 || (best && best->size >= at))
            continue;
        if (at == size || !normal_is_word(fold_next(normal, size, &at)))
            best = heading;
    }
    for (size_t i = 0; !best && !memchr(normal, ' ', size) && i < headings->n; i++)
        if (!strcmp(normal, headings->list[i].joined))
            best = &headings->list[i];
    return best;
}

static bool is_short(const struct text_line *line)
{
    size_t characters = 0;
    if (line->raw_size > (size_t)HEADING_CHARACTERS * 4)
        return false;
    for (size_t i = 0; i < line->raw_size; i++)
        characters += ((unsigned char)line->raw[i] & 0xc0) != 0x80;
    return characters <= HEADING_CHARACTERS;
}

static void forget_old(struct letterhead *letterhead, unsigned number)
{
    if (letterhead->body_line && number - letterhead->body_line > MAIL_REACH) {
        memset(letterhead->best, 0, sizeof letterhead->best);
        letterhead->body_line = 0;
    }
}

static bool completes(const struct letterhead *letterhead)
{
    unsigned sum = 0, kinds = 0;
    for (size_t i = 0; i < HEADING_MAIL; i++) {
        sum += letterhead->best[i];
        kinds += letterhead->best[i] > 0;
    }
    /* Kingdom and ministry with route or close only are a signature, too. */
    bool letter = letterhead->best[HEADING_TYPE] || letterhead->best[HEADING_FIELD] ||
                  letterhead->best[HEADING_ADDRESS];
    return letter && sum >= MAIL_SUM && kinds >= MAIL_KINDS;
}

static void add_weight(struct letterhead *letterhead, enum heading_kind kind, unsigned weight,
                       unsigned number)
{
    bool body = kind == HEADING_STATE || kind == HEADING_ORG;
    if (letterhead->conversation) {
        forget_old(letterhead, number);
        if (!body && !letterhead->body_line)
            return;
        if (body)
            letterhead->body_line = number;
    }
    if (weight > letterhead->best[kind])
        letterhead->best[kind] = weight;
    if (letterhead->conversation && completes(letterhead))
        letterhead->complete = true;
}

bool letterhead_line(struct letterhead *letterhead, const struct headings *headings,
                     const struct text_line *line, bool midway)
{
    if (!letterhead->conversation && line->number > HEADING_LINES)
        return false;
    const struct heading *found = find_heading(headings, line->normal, line->normal_size);
    bool titled = letterhead->body_line && line->number == letterhead->body_line + 1;
    if (!found || !is_short(line) ||
        !goes_on_well(headings, found->row->kind, line,
                      line->normal + (found->size < line->normal_size ? found->size : line->normal_size),
                      titled))
        return false;
    if (midway && found->row->kind != HEADING_FIELD && found->row->kind != HEADING_MAIL &&
        !stance_look(line->raw, line->raw_size).capitals)
        return false;
    if (found->row->kind == HEADING_MAIL) {
        letterhead->mail_line = line->number;
        return false;
    }
    bool quoted = letterhead->mail_line && line->number - letterhead->mail_line <= MAIL_HEAD_REACH;
    if (found->row->kind == HEADING_FIELD && quoted)
        return false;
    add_weight(letterhead, found->row->kind, found->row->weight, line->number);
    return true;
}

void letterhead_reference(struct letterhead *letterhead, unsigned number)
{
    if (letterhead->conversation)
        add_weight(letterhead, HEADING_FIELD, REFERENCE_WEIGHT, number);
}

bool letterhead_is_official(const struct letterhead *letterhead)
{
    unsigned sum = 0;
    if (letterhead->conversation)
        return letterhead->complete;
    for (size_t i = 0; i < HEADING_MAIL; i++)
        sum += letterhead->best[i];
    return sum >= DOCUMENT_SUM;
}
