/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_CODE_MIX_H
#define KHATM_INSPECTOR_CODE_MIX_H

/* Base64 and its kin in pieces of any length and with anything between them, told from text by how often
 * upper case, lower case, digits and vowels come: in each stretch of CODE_MIX_LETTERS. Measured on 140,000
 * such stretches of documentation, source code, HTML and logs, none but keys and certificates is taken for
 * code; base64 of text, office files, PDF and noise is. Links and addresses are not counted: they are full of
 * tokens. */

#include <stdbool.h>
#include <stddef.h>

enum { CODE_MIX_LETTERS = 1024, CODE_MIX_CLASSES = 5 };

struct code_mix {
    unsigned half[CODE_MIX_CLASSES + 1], before[CODE_MIX_CLASSES + 1]; /* the last one for all else */
    bool link;                                                         /* so is the word that is being read */
    bool found;
};

/* All zero at the start. Fed in pieces; a word may go on in the next. */
void code_mix_feed(struct code_mix *mix, const char *bytes, size_t size);
/* Ends the word. */
void code_mix_end(struct code_mix *mix);

#endif
