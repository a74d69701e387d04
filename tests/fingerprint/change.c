/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <stdlib.h>
#include <string.h>

const char *const change_names[CHANGE_COUNT] = {
    [CHANGE_NONE] = "none",
    [CHANGE_DATE] = "date line",
    [CHANGE_WORDS] = "10 % of the words",
    [CHANGE_BLOCK] = "10 % in one place",
    [CHANGE_LAYOUT] = "layout of a PDF",
    [CHANGE_ORDER] = "header and footer moved",
    [CHANGE_PASTED] = "pasted and quoted",
    [CHANGE_FIRST] = "first half",
    [CHANGE_SECOND] = "second half",
    [CHANGE_TOGETHER] = "date, words and layout",
};

enum { LINE_COLUMNS = 78, PAGE_LINES = 45, CHATTER_WORDS = 120 };

static void insert_word(struct letter *letter, size_t at, struct dice *dice)
{
    if (letter->n == LETTER_WORDS_MAX)
        return;
    memmove(&letter->words[at + 1], &letter->words[at], (letter->n - at) * sizeof *letter->words);
    letter->n++;
    letter->words[at].gap = GAP_BLANK;
    corpus_word(dice, letter->arabic, letter->words[at].text);
}

static void take_out(struct letter *letter, size_t at)
{
    if (at && letter->words[at].gap > letter->words[at - 1].gap)
        letter->words[at - 1].gap = letter->words[at].gap;
    memmove(&letter->words[at], &letter->words[at + 1], (--letter->n - at) * sizeof *letter->words);
}

static void edit_words(struct letter *letter, struct dice *dice)
{
    for (size_t at = 0; at < letter->n; at++) {
        if (dice_below(dice, 10))
            continue;
        switch (dice_below(dice, 5)) {
        case 0:
            insert_word(letter, at++, dice);
            break;
        case 1:
            take_out(letter, at);
            break;
        default:
            corpus_word(dice, letter->arabic, letter->words[at].text);
        }
    }
}

static void edit_block(struct letter *letter, struct dice *dice)
{
    size_t size = letter->n / 10, from = dice_below(dice, (unsigned)(letter->n - size));
    for (size_t i = 0; i < size; i++)
        corpus_word(dice, letter->arabic, letter->words[from + i].text);
}

static void edit_date(struct letter *letter, struct dice *dice)
{
    struct letter_word *words = &letter->words[letter->date];
    (void)snprintf(words[2].text, WORD_ROOM, "%u", 1 + dice_below(dice, 28));
    corpus_word(dice, letter->arabic, words[letter->date_end - letter->date - 2].text);
}

/* Words [from, to) go to the front. */
static void rotate(struct letter *letter, size_t from)
{
    struct letter *old = malloc(sizeof *old);
    if (!old)
        abort();
    memcpy(old, letter, sizeof *old);
    size_t tail = letter->n - from;
    memcpy(letter->words, old->words + from, tail * sizeof *letter->words);
    memcpy(letter->words + tail, old->words, from * sizeof *letter->words);
    free(old);
}

static void move_ends(struct letter *letter)
{
    size_t foot = letter->n - letter->foot;
    rotate(letter, letter->foot); /* footer, letterhead, body */
    struct letter_word head[200];
    size_t n = letter->head > 200 ? 200 : letter->head;
    memcpy(head, letter->words + foot, n * sizeof *head);
    memmove(letter->words + foot, letter->words + foot + n, (letter->n - foot - n) * sizeof *letter->words);
    memcpy(letter->words + letter->n - n, head, n * sizeof *head);
}

struct page {
    char *text;
    size_t size, room;
    const char *quote;
    bool breaks_words;
    size_t column, lines;
    struct dice dice;
    const struct letter *letter;
};

static void put_bytes(struct page *page, const char *bytes, size_t size)
{
    if (page->size + size + 1 > page->room) {
        page->room = (page->room + size) * 2 + 4096;
        page->text = realloc(page->text, page->room);
        if (!page->text)
            abort();
    }
    memcpy(page->text + page->size, bytes, size);
    page->size += size;
    page->text[page->size] = '\0';
}

static void write_text(struct page *page, const char *text)
{
    put_bytes(page, text, strlen(text));
}

static void end_line(struct page *page)
{
    write_text(page, "\n");
    page->column = 0;
    if (page->breaks_words && ++page->lines % PAGE_LINES == 0) {
        char title[96];
        (void)snprintf(title, sizeof title, "Page %zu\n\f%s\n", page->lines / PAGE_LINES,
                       page->letter->words[0].text);
        write_text(page, title);
    }
}

/* Characters are what columns count. */
static size_t columns(const char *text, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

static size_t bytes_of(const char *text, size_t n_columns)
{
    size_t at = 0;
    while (n_columns--)
        do
            at++;
        while (((unsigned char)text[at] & 0xc0) == 0x80);
    return at;
}

static void write_word(struct page *page, const char *text, bool arabic)
{
    size_t size = strlen(text), width = columns(text, size);
    if (page->column + width + 1 > LINE_COLUMNS && page->column) {
        if (page->breaks_words && !arabic && width > 6 && dice_below(&page->dice, 3) == 0) {
            size_t head = bytes_of(text, 3 + dice_below(&page->dice, (unsigned)width - 5));
            write_text(page, " ");
            put_bytes(page, text, head);
            write_text(page, "-");
            text += head;
            size -= head;
        }
        end_line(page);
    }
    if (!page->column)
        write_text(page, page->quote);
    else
        write_text(page, page->breaks_words && dice_below(&page->dice, 8) == 0 ? "  " : " ");
    put_bytes(page, text, size);
    page->column += columns(text, size) + 1;
}

static void write_letter(struct page *page, const struct letter *letter)
{
    for (size_t i = 0; i < letter->n; i++) {
        const struct letter_word *word = &letter->words[i];
        write_word(page, word->text, letter->arabic);
        if (word->gap == GAP_BLANK)
            continue;
        end_line(page);
        if (word->gap == GAP_PARAGRAPH && !page->breaks_words) {
            write_text(page, page->quote);
            end_line(page);
        }
    }
    if (page->column)
        end_line(page);
}

static void write_chatter(struct page *page, bool arabic)
{
    char text[WORD_ROOM];
    page->quote = "";
    for (unsigned n = 10 + dice_below(&page->dice, CHATTER_WORDS); n; n--) {
        corpus_word(&page->dice, arabic, text);
        write_word(page, text, arabic);
    }
    end_line(page);
}

char *change_print(struct letter *letter, enum change change, uint64_t seed, size_t *size_out)
{
    struct page page = {.quote = "", .dice = {seed * 977 + change}, .letter = letter};
    bool together = change == CHANGE_TOGETHER;
    page.breaks_words = together || change == CHANGE_LAYOUT;
    if (together || change == CHANGE_DATE)
        edit_date(letter, &page.dice);
    if (together || change == CHANGE_WORDS)
        edit_words(letter, &page.dice);
    if (change == CHANGE_BLOCK)
        edit_block(letter, &page.dice);
    if (change == CHANGE_ORDER)
        move_ends(letter);
    if (change == CHANGE_SECOND)
        rotate(letter, letter->n / 2);
    if (change == CHANGE_FIRST || change == CHANGE_SECOND)
        letter->n -= letter->n / 2;
    if (change == CHANGE_PASTED)
        write_chatter(&page, letter->arabic);
    page.quote = change == CHANGE_PASTED ? "> " : "";
    write_letter(&page, letter);
    if (change == CHANGE_PASTED)
        write_chatter(&page, letter->arabic);
    *size_out = page.size;
    return page.text;
}
