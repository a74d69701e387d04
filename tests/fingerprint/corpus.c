/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "phrases.h"

enum { FRENCH_WORDS = 20000, ARABIC_WORDS = 6000, ORGANISATIONS = 400 };

static char vocabulary[2][FRENCH_WORDS][WORD_ROOM];
static double zipf[2][FRENCH_WORDS], stock_zipf[512];
static const unsigned sizes[2] = {FRENCH_WORDS, ARABIC_WORDS};

uint64_t dice_roll(struct dice *dice)
{
    uint64_t x = dice->state += 0x9e3779b97f4a7c15U; /* SplitMix64 */
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

unsigned dice_below(struct dice *dice, unsigned n)
{
    return (unsigned)(dice_roll(dice) >> 32) % n;
}

static void make_zipf(double *sums, unsigned n)
{
    double sum = 0;
    for (unsigned i = 0; i < n; i++)
        sums[i] = sum += 1 / (i + 2.7);
    for (unsigned i = 0; i < n; i++)
        sums[i] /= sum;
}

static unsigned draw(struct dice *dice, const double *sums, unsigned n)
{
    double at = (double)(dice_roll(dice) >> 11) / 9007199254740992.0;
    unsigned low = 0, high = n - 1;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (sums[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Real words first, so that the common ones are real; then words built as the language builds them. */
static void make_vocabulary(unsigned language)
{
    struct dice dice = {language + 77};
    const char *const *real = language ? arabic_words : french_words;
    unsigned n = 0;
    for (; real[n]; n++)
        (void)snprintf(vocabulary[language][n], WORD_ROOM, "%s", real[n]);
    for (; n < sizes[language]; n++) {
        char *word = vocabulary[language][n];
        if (language)
            (void)snprintf(word, WORD_ROOM, "%s%s%s%s%s", arabic_starts[dice_below(&dice, N_ARABIC_STARTS)],
                           arabic_letters[dice_below(&dice, N_ARABIC_LETTERS)],
                           arabic_letters[dice_below(&dice, N_ARABIC_LETTERS)],
                           arabic_letters[dice_below(&dice, N_ARABIC_LETTERS)],
                           arabic_ends[dice_below(&dice, N_ARABIC_ENDS)]);
        else
            (void)snprintf(word, WORD_ROOM, "%s%s%s", french_starts[dice_below(&dice, N_FRENCH_STARTS)],
                           french_stems[dice_below(&dice, N_FRENCH_STEMS)],
                           french_ends[dice_below(&dice, N_FRENCH_ENDS)]);
    }
    make_zipf(zipf[language], sizes[language]);
}

void corpus_prepare(void)
{
    make_vocabulary(0);
    make_vocabulary(1);
    make_zipf(stock_zipf, sizeof stock_zipf / sizeof *stock_zipf);
}

void corpus_word(struct dice *dice, bool arabic, char text[WORD_ROOM])
{
    memcpy(text, vocabulary[arabic][draw(dice, zipf[arabic], sizes[arabic])], WORD_ROOM);
}

static void put(struct letter *letter, const char *text, size_t size)
{
    if (letter->n == LETTER_WORDS_MAX || !size)
        return;
    struct letter_word *word = &letter->words[letter->n++];
    (void)snprintf(word->text, WORD_ROOM, "%.*s", (int)size, text);
    word->gap = GAP_BLANK;
}

static void end(struct letter *letter, enum gap gap)
{
    if (letter->n)
        letter->words[letter->n - 1].gap = gap;
}

/* "~" a word, "#" a number, "@" a name, "|" a line's end; everything else stands as it is. */
static void write_form(struct letter *letter, struct dice *dice, const char *form)
{
    for (const char *at = form; *at;) {
        size_t size = strcspn(at, " ");
        char text[WORD_ROOM];
        if (*at == '~') {
            corpus_word(dice, letter->arabic, text);
            (void)strncat(text, at + 1, size > 4 ? 3 : size - 1);
            put(letter, text, strlen(text));
        } else if (*at == '#') {
            (void)snprintf(text, sizeof text, "%u%.*s", 1 + dice_below(dice, 2400), (int)size - 1, at + 1);
            put(letter, text, strlen(text));
        } else if (*at == '@') {
            const char *name = names[letter->arabic][dice_below(dice, N_NAMES)];
            put(letter, name, strlen(name));
        } else if (*at == '|') {
            end(letter, GAP_LINE);
        } else {
            put(letter, at, size);
        }
        at += size;
        at += *at == ' ';
    }
}

/* The n-th of the fixed formulas of a kind: made from two halves, so that there are many, each used again and
 * again. */
static void write_stock(struct letter *letter, unsigned n)
{
    struct dice dice = {n * 7919 + letter->arabic + 5};
    const char *const *starts = letter->arabic ? arabic_stock_starts : french_stock_starts;
    const char *const *ends = letter->arabic ? arabic_stock_ends : french_stock_ends;
    write_form(letter, &dice, starts[n % N_STOCK]);
    write_form(letter, &dice, ends[n / N_STOCK % N_STOCK]);
}

static void write_sentence(struct letter *letter, struct dice *dice)
{
    const char *const *forms = letter->arabic ? arabic_forms : french_forms;
    if (dice_below(dice, 8) == 0)
        write_stock(letter, draw(dice, stock_zipf, sizeof stock_zipf / sizeof *stock_zipf));
    else
        write_form(letter, dice, forms[dice_below(dice, N_FORMS)]);
}

static void write_matter(struct letter *letter, struct dice *dice, size_t n_words)
{
    for (size_t until = letter->n + n_words; letter->n < until;) {
        unsigned sentences = 1 + dice_below(dice, 5);
        for (unsigned i = 0; i < sentences && letter->n < until; i++)
            write_sentence(letter, dice);
        end(letter, GAP_PARAGRAPH);
    }
}

static void write_date(struct letter *letter, struct dice *dice)
{
    char line[120];
    letter->date = letter->n;
    (void)snprintf(line, sizeof line, letter->arabic ? "تونس في %u %s %u" : "Tunis, le %u %s %u",
                   1 + dice_below(dice, 28), months[letter->arabic][dice_below(dice, 12)],
                   2010 + dice_below(dice, 17));
    write_form(letter, dice, line);
    letter->date_end = letter->n;
    end(letter, GAP_PARAGRAPH);
}

static void write_stationery(struct letter *letter, unsigned organisation, bool foot)
{
    struct dice dice = {organisation * 31 + foot};
    const char *const *forms = foot ? feet : heads;
    write_form(letter, &dice, forms[letter->arabic]);
    end(letter, GAP_PARAGRAPH);
}

static size_t length_of(struct dice *dice, bool template)
{
    double sum = 0;
    if (template)
        return 80 + dice_below(dice, 140);
    for (unsigned i = 0; i < 12; i++) /* nearly normal */
        sum += (double)dice_below(dice, 1000) / 1000.0;
    double length = 230 * exp((sum - 6) * 0.8);
    return length < 70 ? 70 : length > 4000 ? 4000 : (size_t)length;
}

void corpus_letter(struct letter *letter, uint64_t number, bool template)
{
    struct dice dice = {number * 0x2545f4914f6cdd1dU + 1};
    unsigned organisation = 1 + dice_below(&dice, ORGANISATIONS);
    letter->n = 0;
    letter->template = template;
    letter->arabic = !template && dice_below(&dice, 3) == 0;
    size_t length = length_of(&dice, template);
    write_stationery(letter, template ? 0 : organisation, false);
    letter->head = letter->n;
    write_date(letter, &dice);
    write_form(letter, &dice, letter->arabic ? "الموضوع ~ ~ ~ ~ |" : "Objet : ~ ~ et ~ ~ |");
    end(letter, GAP_PARAGRAPH);
    if (template)
        write_form(letter, &dice, template_opening);
    end(letter, GAP_PARAGRAPH);
    write_matter(letter, &dice, length);
    if (template)
        write_form(letter, &dice, template_closing);
    write_form(letter, &dice, letter->arabic ? "والسلام | @ @ |" : "Le directeur | @ @ |");
    end(letter, GAP_PARAGRAPH);
    letter->foot = letter->n;
    write_stationery(letter, template ? 0 : organisation, true);
}
