/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FINGERPRINT_CORPUS_H
#define TESTS_FINGERPRINT_CORPUS_H

/* Administrative letters and reports in French and Arabic that nobody wrote: stock formulas, sentences of
 * common form, words drawn by Zipf's law from a vocabulary of some 25,000. The same number gives the same
 * document, always. A document is three runs of words, each word with the break behind it, so that changes
 * can be made to it as an editor would; letter_print lays it out. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct dice {
    uint64_t state;
};

uint64_t dice_roll(struct dice *dice);
unsigned dice_below(struct dice *dice, unsigned n);

enum { WORD_ROOM = 40, LETTER_WORDS_MAX = 6000 };

enum gap { GAP_BLANK, GAP_LINE, GAP_PARAGRAPH };

struct letter {
    bool arabic, template; /* template: on the stationery of one ministry, with its formulas */
    size_t n, head, foot;  /* words; [0, head) letterhead, [foot, n) footer */
    size_t date, date_end; /* the date line's words */
    struct letter_word {
        char text[WORD_ROOM];
        enum gap gap; /* behind it */
    } words[LETTER_WORDS_MAX];
};

void corpus_prepare(void);
/* number: of the document. Numbers from CORPUS_UNSEEN on are kept for what no corpus holds. */
void corpus_letter(struct letter *letter, uint64_t number, bool template);
/* One more word drawn from the vocabulary, for edits. */
void corpus_word(struct dice *dice, bool arabic, char text[WORD_ROOM]);

#endif
