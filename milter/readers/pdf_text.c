/* SPDX-License-Identifier: Apache-2.0 */

/* The text of a page in the order in which it is read. poppler gives the words of a line as they stand from
 * left to right, each with its own letters in order, so that a line of Arabic comes out word by word from its
 * end. (Of a ligature of lam and alef, which fonts map to two letters, it gives the alef first: that is
 * folded away where text is compared, policy/fold.h.) */

#include "base/buffer.h"
#include "readers/pdf_parts.h"

#include <string.h>

enum {
    WORDS_MAX = 512, /* of one line; longer ones are cut */
    PAGE_TEXT_MAX = 64 * 1024 * 1024,
    SHORT_TEXT = 4096, /* bytes: may be the rest of a page that was taken from the wrong corner */
    RLE_MARK = 0x202b,
    LRE_MARK = 0x202a,
    END_MARK = 0x202c,
};

enum direction { NO_DIRECTION, TO_RIGHT, TO_LEFT };

struct letters {
    gunichar *letters;
    size_t n;
    bool from_right; /* words stand from right to left: most of the page is in such a script */
};

struct word {
    size_t start, end;
    enum direction direction;
};

static bool is_mark(gunichar c)
{
    return c == RLE_MARK || c == LRE_MARK || c == END_MARK;
}

static bool runs_left(gunichar c)
{
    return (c >= 0x590 && c < 0x900) || (c >= 0xfb1d && c < 0xfe00) || (c >= 0xfe70 && c < 0xff00);
}

/* Arabic-Indic digits are written to the right, as all numbers. */
static enum direction direction_of(gunichar c)
{
    if (runs_left(c))
        return g_unichar_isalpha(c) ? TO_LEFT : NO_DIRECTION;
    return g_unichar_isalpha(c) ? TO_RIGHT : NO_DIRECTION;
}

/* Without marks. On a page that runs from right to left every word is wrapped in them, and the blank between
 * the first two of a line is missing. */
static struct letters take_letters(const char *utf8)
{
    glong n = 0;
    gunichar *letters = g_utf8_to_ucs4_fast(utf8, -1, &n), before = '\n';
    struct letters all = {.letters = letters, .from_right = true};
    for (glong i = 0; i < n; i++) {
        gunichar c = letters[i];
        if (c == RLE_MARK && before == END_MARK)
            all.letters[all.n++] = ' ';
        if ((before == ' ' || before == '\n') && c != RLE_MARK && c != ' ' && c != '\n')
            all.from_right = false;
        if (!is_mark(c))
            all.letters[all.n++] = c;
        before = c;
    }
    return all;
}

static void reverse(struct word *words, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        struct word first = words[i];
        words[i] = words[n - 1 - i];
        words[n - 1 - i] = first;
    }
}

/* Runs of words in this direction, numbers between them included. */
static void reverse_runs(struct word *words, size_t n, enum direction direction)
{
    for (size_t i = 0; i < n; i++) {
        size_t end = i + 1;
        if (words[i].direction != direction)
            continue;
        for (size_t k = end; k < n && (words[k].direction == direction || words[k].direction == NO_DIRECTION);
             k++)
            if (words[k].direction == direction)
                end = k + 1;
        reverse(words + i, end - i);
        i = end - 1;
    }
}

struct line {
    struct word words[WORDS_MAX];
    size_t n_words;
    size_t to_left, to_right; /* letters */
};

static void add_letter(struct line *line, const struct letters *all, size_t at)
{
    enum direction direction = direction_of(all->letters[at]);
    struct word *word = &line->words[line->n_words - 1];
    line->to_left += direction == TO_LEFT;
    line->to_right += direction == TO_RIGHT;
    if (direction != NO_DIRECTION && word->direction != TO_LEFT)
        word->direction = direction;
    word->end = at + 1;
}

static void write_word(struct buffer *out, const struct letters *all, size_t start, size_t end)
{
    for (; start < end; start++) {
        char utf8[6];
        buffer_append(out, utf8, (size_t)g_unichar_to_utf8(all->letters[start], utf8));
    }
}

/* What follows a word stands on its left, so that it was taken for its start. */
static size_t behind_word(const struct letters *all, const struct word *word)
{
    size_t start = word->start;
    if (word->direction == TO_LEFT && !all->from_right)
        while (start < word->end && g_unichar_ispunct(all->letters[start]))
            start++;
    return start < word->end ? start : word->start;
}

static void write_line(struct buffer *out, const struct letters *all, struct line *line)
{
    if (all->from_right)
        reverse(line->words, line->n_words);
    if (line->to_left > line->to_right) {
        reverse(line->words, line->n_words);
        reverse_runs(line->words, line->n_words, TO_RIGHT);
    } else if (line->to_left)
        reverse_runs(line->words, line->n_words, TO_LEFT);
    for (size_t i = 0; i < line->n_words; i++) {
        size_t start = behind_word(all, &line->words[i]);
        if (i)
            buffer_append(out, " ", 1);
        write_word(out, all, start, line->words[i].end);
        write_word(out, all, line->words[i].start, start);
    }
}

static void write_lines(struct buffer *out, const struct letters *all, struct line *line)
{
    bool between = true;
    line->n_words = line->to_left = line->to_right = 0;
    for (size_t i = 0; i <= all->n; i++) {
        gunichar c = i < all->n ? all->letters[i] : '\n';
        if (c == '\n' || (between && c != ' ' && line->n_words == WORDS_MAX)) {
            write_line(out, all, line);
            line->n_words = line->to_left = line->to_right = 0;
            between = true;
            if (i < all->n)
                buffer_append(out, c == '\n' ? "\n" : " ", 1);
        }
        if (c == ' ' || c == '\n') {
            between = true;
            continue;
        }
        if (between)
            line->words[line->n_words++] = (struct word){.start = i};
        between = false;
        add_letter(line, all, i);
    }
}

static bool has_letters_to_the_left(const char *utf8)
{
    for (; *utf8; utf8 += g_utf8_skip[(unsigned char)*utf8])
        if (runs_left(g_utf8_get_char(utf8)))
            return true;
    return false;
}

/* From corner to corner. On a page that runs from right to left the upper left corner is the end of the first
 * line, and what stands before it is left out: then it is the other two. */
static char *take_text(PopplerPage *page)
{
    PopplerRectangle box = {0, 0, 0, 0};
    poppler_page_get_size(page, &box.x2, &box.y2);
    char *text = poppler_page_get_selected_text(page, POPPLER_SELECTION_GLYPH, &box);
    if (text && strlen(text) > SHORT_TEXT && !has_letters_to_the_left(text))
        return text;
    box.x1 = box.x2;
    box.x2 = 0;
    char *other = poppler_page_get_selected_text(page, POPPLER_SELECTION_GLYPH, &box);
    bool better = other && (!text || strlen(other) > strlen(text));
    g_free(better ? text : other);
    return better ? other : text;
}

char *pdf_page_text(PopplerPage *page)
{
    struct buffer out;
    char *utf8 = take_text(page);
    if (!utf8 || !has_letters_to_the_left(utf8))
        return utf8;
    buffer_init(&out, PAGE_TEXT_MAX);
    struct line *line = g_new(struct line, 1);
    struct letters all = take_letters(utf8);
    write_lines(&out, &all, line);
    g_free(line);
    g_free(all.letters);
    g_free(utf8);
    utf8 = g_strdup(buffer_text(&out));
    buffer_free(&out);
    return utf8;
}
