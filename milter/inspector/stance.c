/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/stance.h"

#include "inspector/normal.h"
#include "inspector/octets.h"

#include <string.h>

enum {
    WRAP_LEAST = 50, /* characters of a line that may go on in the next … */
    WRAP_MOST = 120, /* … and of one that was wrapped at all */
    TOP_LINES = 30,  /* where a letter has its stamp */
    TOP_LINES_MAIL = 5,
    TOP_LINES_TITLE = 2,
    LEVEL_COMMON = 3, /* words up to this level head harmless texts; above, capitals are the custom */
};

enum writing { WRITTEN_CAPITALS, WRITTEN_TITLE, WRITTEN_SMALL, WRITTEN_WITHOUT_CASE };
enum edges { EDGES_PLAIN, EDGES_DECORATED, EDGES_QUOTED, EDGES_SENTENCE, EDGES_CALL, EDGES_ITEM };

struct look {
    enum writing writing;
    enum edges edges;
    unsigned width; /* of the decoration, on its narrower side */
    bool markup;    /* '=' or '#', as titles are written in plain text */
};

struct edge {
    uint32_t outer; /* the outermost mark */
    unsigned count; /* marks, blanks not counted */
    bool sentence;  /* marks of a sentence only … */
    bool call;      /* … and of those only '!' and '.', which a stamp may have, too */
};

static bool is_blank(uint32_t code)
{
    return code == ' ' || code == '\t' || code == 0xa0;
}

static bool is_word(uint32_t code)
{
    return fold_class(normal_fold(), code) != FOLD_OTHER;
}

static bool is_sentence(uint32_t code)
{
    static const uint32_t some[] = {'.', ',', ';', ':', '?', '!', 0x2026, 0x61f, 0x61b, 0x60c, 0x6d4};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        if (some[i] == code)
            return true;
    return false;
}

static bool is_invisible(uint32_t code)
{
    uint32_t one[1];
    const uint32_t *becomes;
    return is_blank(code) || !fold_character(normal_fold(), code, one, &becomes);
}

static void add_mark(struct edge *edge, uint32_t code)
{
    if (is_invisible(code))
        return;
    edge->sentence = (edge->count == 0 || edge->sentence) && is_sentence(code);
    edge->call = (edge->count == 0 || edge->call) && (code == '!' || code == '.');
    edge->count++;
}

/* Marks before the first and after the last word. */
static void read_edges(const char *raw, size_t size, struct edge *left, struct edge *right)
{
    bool within = false;
    *left = *right = (struct edge){0};
    for (size_t at = 0; at < size;) {
        uint32_t code = fold_next(raw, size, &at);
        if (is_word(code)) {
            within = true;
            *right = (struct edge){0};
            continue;
        }
        struct edge *edge = within ? right : left;
        add_mark(edge, code);
        if (!is_invisible(code) && (within || edge->count == 1))
            edge->outer = code;
    }
}

static uint32_t mirrored(uint32_t code)
{
    static const uint32_t pairs[][2] = {{'(', ')'},       {'[', ']'},       {'{', '}'},
                                        {'<', '>'},       {0x3010, 0x3011}, {0xab, 0xbb},
                                        {0x201c, 0x201d}, {0x201e, 0x201d}, {0x2018, 0x2019}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (code == pairs[i][0])
            return pairs[i][1];
    return code;
}

static bool is_quote(uint32_t code)
{
    return code == '"' || code == '\'' || code == 0xab || code == 0x201c || code == 0x201e || code == 0x2018;
}

static enum edges edges_of(const char *raw, size_t size, struct look *look)
{
    struct edge left, right;
    read_edges(raw, size, &left, &right);
    look->width = left.count < right.count ? left.count : right.count;
    look->markup = left.outer == '=' || left.outer == '#';
    if (!left.count && !right.count)
        return EDGES_PLAIN;
    if (left.count && right.count)
        return is_quote(left.outer) ? EDGES_QUOTED
               : mirrored(left.outer) == right.outer || (look->width >= 2 && !is_sentence(right.outer))
                   ? EDGES_DECORATED
                   : EDGES_ITEM;
    if (left.count)
        return EDGES_ITEM;
    return right.call ? EDGES_CALL : right.sentence ? EDGES_SENTENCE : EDGES_PLAIN;
}

/* Of so many letters at most. */
static enum writing writing_of(const char *raw, size_t size, size_t most)
{
    unsigned upper = 0, lower = 0, words = 0, letters = 0;
    bool first_upper = false, within = false;
    for (size_t at = 0; at < size && letters < most;) {
        enum fold_class class = fold_class(normal_fold(), fold_next(raw, size, &at));
        if (class == FOLD_OTHER) {
            within = false;
            continue;
        }
        words += !within;
        within = true;
        letters++;
        if (class == FOLD_UPPER && !upper && !lower)
            first_upper = true;
        upper += class == FOLD_UPPER;
        lower += class == FOLD_LOWER;
    }
    if (!upper && !lower)
        return WRITTEN_WITHOUT_CASE;
    /* Whoever spaces it out means it to be seen. */
    if (!lower || (words == letters && letters > 3))
        return WRITTEN_CAPITALS;
    return first_upper ? WRITTEN_TITLE : WRITTEN_SMALL;
}

struct neighbour stance_look(const char *raw, size_t size)
{
    struct neighbour neighbour = {.there = true};
    size_t characters = 0;
    uint32_t last = 0;
    bool upper = false, lower = false;
    /* Whether a long line ends a sentence is in its last characters; letters of both cases come early. */
    if (size >= WRAP_LEAST)
        characters = octets_characters(raw, size, WRAP_MOST);
    for (size_t at = 0; at < size && !lower;) {
        enum fold_class class = fold_class(normal_fold(), fold_next(raw, size, &at));
        upper |= class == FOLD_UPPER;
        lower |= class == FOLD_LOWER;
    }
    size_t from = size;
    while (from && ((unsigned char)raw[from - 1] == ' ' || (unsigned char)raw[from - 1] == '\t'))
        from--;
    size = from;
    while (from && ((unsigned char)raw[--from] & 0xc0) == 0x80)
        ;
    if (from < size)
        last = fold_next(raw, size, &from);
    neighbour.open = last == ',' || last == 0x60c || (is_word(last) && !(last >= '0' && last <= '9'));
    neighbour.capitals = upper && !lower;
    neighbour.runs_on = characters >= WRAP_LEAST && characters <= WRAP_MOST &&
                        (last == ',' || last == 0x60c || !is_sentence(last));
    return neighbour;
}

static bool parts_before(const struct neighbour *before)
{
    return !before->there || before->parted || before->official;
}

static bool parts_after(const struct neighbour *after)
{
    return !after->there || after->parted || after->official;
}

/* The rule for what is written as any sentence is, and for Arabic, which has no capitals: a line of its own,
 * where stamps stand. */
static enum stance stance_plain(const struct candidate *candidate, const struct neighbour *before,
                                const struct neighbour *after, unsigned top_lines)
{
    bool official = before->there && before->official;
    bool edge = !candidate->conversation && (!before->there || !after->there);
    if (!parts_before(before) || (!official && !parts_after(after)))
        return STANCE_LOOSE;
    return official || edge || candidate->number <= top_lines ? STANCE_FIRM : STANCE_LOOSE;
}

static bool has_blank(const char *raw, size_t size)
{
    size_t from = 0;
    while (size && (is_blank((unsigned char)raw[size - 1]) || raw[size - 1] == '\r'))
        size--;
    while (from < size && is_blank((unsigned char)raw[from]))
        from++;
    return memchr(raw + from, ' ', size - from) != NULL;
}

/* Letters without case at the edge of a page: programs that print keep no blank lines. The last word of a
 * list stands there, too, but hardly two words that are a marking. */
static bool is_at_edge(const struct candidate *candidate, const struct neighbour *before,
                       const struct neighbour *after)
{
    if (candidate->conversation || candidate->place != TEXT_BODY)
        return false;
    return !before->there || (!after->there && (!before->open || has_blank(candidate->raw, candidate->size)));
}

static enum stance stance_title(const struct candidate *candidate, const struct neighbour *before,
                                const struct neighbour *after)
{
    if (candidate->level > LEVEL_COMMON)
        return STANCE_LOOSE;
    return stance_plain(candidate, before, after, candidate->conversation ? TOP_LINES_TITLE : TOP_LINES);
}

static enum stance stance_capitals(const struct candidate *candidate, const struct neighbour *before,
                                   const struct neighbour *after)
{
    bool above = before->there && !before->official && !before->parted && before->capitals;
    bool below = after->there && !after->official && !after->parted && after->capitals;
    if (before->runs_on && !before->parted && !parts_after(after))
        return STANCE_LOOSE;
    if ((above && below) || candidate->after_signature)
        return STANCE_LOOSE;
    if (candidate->place == TEXT_CELL && candidate->number > TOP_LINES && !before->parted)
        return STANCE_LOOSE;
    return STANCE_FIRM;
}

static enum stance stance_decorated(const struct candidate *candidate, const struct look *look)
{
    if (candidate->after_signature)
        return STANCE_LOOSE;
    switch (look->writing) {
    case WRITTEN_CAPITALS:
    case WRITTEN_WITHOUT_CASE:
        return STANCE_FIRM;
    case WRITTEN_TITLE:
        return !look->markup && look->width >= (candidate->level > LEVEL_COMMON ? 3 : 2) ? STANCE_FIRM
                                                                                         : STANCE_LOOSE;
    case WRITTEN_SMALL:
        return !look->markup && look->width >= 3 ? STANCE_FIRM : STANCE_LOOSE;
    }
    return STANCE_NONE;
}

static bool is_mounted(enum text_place place)
{
    return place == TEXT_HEADER || place == TEXT_FOOTER || place == TEXT_SHAPE;
}

static enum stance by_edges(const struct candidate *candidate, const struct look *look,
                            const struct neighbour *before, const struct neighbour *after)
{
    bool capitals = look->writing == WRITTEN_CAPITALS || candidate->announced || candidate->n_markings > 1;
    bool goes_on = before->there && before->runs_on && !before->parted && !before->official;
    switch (look->edges) {
    case EDGES_DECORATED:
        return stance_decorated(candidate, look);
    case EDGES_ITEM:
        return STANCE_NONE;
    case EDGES_QUOTED:
        return capitals ? STANCE_LOOSE : STANCE_NONE;
    case EDGES_SENTENCE:
        return STANCE_NONE;
    case EDGES_CALL:
        if (!capitals || goes_on || (before->there && before->open && !before->parted))
            return STANCE_NONE;
        break;
    case EDGES_PLAIN:
        break;
    }
    if (capitals)
        return goes_on && before->capitals ? STANCE_NONE : stance_capitals(candidate, before, after);
    if (goes_on || look->writing == WRITTEN_SMALL)
        return goes_on ? STANCE_NONE : STANCE_LOOSE;
    if (candidate->after_signature)
        return STANCE_LOOSE;
    if (look->writing == WRITTEN_WITHOUT_CASE && is_at_edge(candidate, before, after))
        return STANCE_FIRM;
    return look->writing == WRITTEN_TITLE
               ? stance_title(candidate, before, after)
               : stance_plain(candidate, before, after, candidate->conversation ? TOP_LINES_MAIL : TOP_LINES);
}

enum stance stance_of(const struct candidate *candidate, const struct neighbour *before,
                      const struct neighbour *after)
{
    struct look look = {.writing = writing_of(candidate->raw + candidate->at, candidate->size - candidate->at,
                                              candidate->letters)};
    look.edges = edges_of(candidate->raw, candidate->size, &look);
    if (is_mounted(candidate->place))
        return STANCE_FIRM;
    if (after->there && after->disclaimer && candidate->level <= LEVEL_COMMON)
        return STANCE_NONE;
    return by_edges(candidate, &look, before, after);
}
