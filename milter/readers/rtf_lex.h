/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_RTF_LEX_H
#define KHATM_READERS_RTF_LEX_H

/* The tokens of RTF: braces, control words with their numbers, control symbols, bytes in hexadecimal, runs of
 * plain bytes, and runs of binary that \bin announces. */

#include "readers/bytes.h"

enum { RTF_WORD_ROOM = 33 };

enum rtf_token { RTF_END, RTF_OPEN, RTF_CLOSE, RTF_WORD, RTF_SYMBOL, RTF_BYTE, RTF_TEXT, RTF_BINARY };

struct rtf_lex {
    struct bytes bytes;
    uint64_t at;
    /* of the last token */
    char word[RTF_WORD_ROOM]; /* "" for one that is too long to be any */
    bool has_number;
    int32_t number;
    uint8_t byte;      /* a symbol, or of \'xx */
    struct bytes text; /* of RTF_TEXT, without line ends, and of RTF_BINARY */
};

enum rtf_token rtf_next(struct rtf_lex *lex);

#endif
