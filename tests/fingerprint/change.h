/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FINGERPRINT_CHANGE_H
#define TESTS_FINGERPRINT_CHANGE_H

/* What happens to a document on its way back, and how it is laid out as text. */

#include "corpus.h"

enum change {
    CHANGE_NONE,
    CHANGE_DATE,     /* the date line is another */
    CHANGE_WORDS,    /* each tenth word, anywhere: replaced, taken out, or one more before it */
    CHANGE_BLOCK,    /* a tenth of the words, in one place, written anew */
    CHANGE_LAYOUT,   /* as a PDF gives it back: other lines, words broken at their ends, running titles */
    CHANGE_ORDER,    /* letterhead behind, footer in front: how another program writes them */
    CHANGE_PASTED,   /* quoted in a message, text of its own before and behind */
    CHANGE_FIRST,    /* the first half only */
    CHANGE_SECOND,   /* the second half only */
    CHANGE_TOGETHER, /* LAYOUT and WORDS and DATE at once */
    CHANGE_COUNT
};

extern const char *const change_names[CHANGE_COUNT];

/* Changes *letter and prints it, UTF-8, NUL-terminated. The text is freed by the caller. */
char *change_print(struct letter *letter, enum change change, uint64_t seed, size_t *size_out);

#endif
