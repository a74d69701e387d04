/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_RTF_CHARSET_H
#define KHATM_READERS_RTF_CHARSET_H

/* In which codepage bytes of RTF are: the document's, or that of the font. */

#include "readers/rtf_lex.h"

enum { RTF_FONTS_MAX = 1024 };

struct rtf_charset {
    unsigned document, current;
    unsigned half;                       /* of a byte in hexadecimal: 0x10 and the digit; 0: none */
    unsigned font;                       /* that is being defined */
    unsigned short fonts[RTF_FONTS_MAX]; /* codepage by number; 0: the document's */
};

void rtf_charset_open(struct rtf_charset *charset);
/* Takes \ansicpg, \mac, \pc, \f and what the font table says. False: the word is none of these. */
bool rtf_charset_word(struct rtf_charset *charset, const struct rtf_lex *lex, bool in_font_table);

#endif
