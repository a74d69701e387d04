/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_WORDS_H
#define KHATM_INSPECTOR_WORDS_H

/* The words of a text, whatever program laid it out: lines as normal.h writes them are cut at everything that
 * is neither letter nor digit. A hyphen parts nothing, within a line and at its end, since a PDF keeps the
 * ones that its typesetter put there; so a word may go on in the next line, and is only complete when that
 * one, or the end, shows it. Bounded: nothing of a word is kept but its hash. */

#include "inspector/text_sink.h"

struct words {
    void (*take)(void *context, uint64_t hash);                   /* a word's end */
    void (*spell)(void *context, const char *bytes, size_t size); /* its letters, in pieces; NULL */
    void *context;
    uint64_t hash; /* of the word so far; 0: none */
    bool joined;   /* the last line ended within a word */
};

/* The rest of *words is zero at the start. */
void words_line(struct words *words, const struct text_line *line);
void words_end(struct words *words);

#endif
