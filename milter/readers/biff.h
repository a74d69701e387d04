/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_BIFF_H
#define KHATM_READERS_BIFF_H

/* The records of an Excel workbook: number, size, bytes; what does not fit goes on in CONTINUE records, and a
 * string that is cut there says again how wide its characters are ([MS-XLS] 2.1.4, 2.5.293). */

#include "readers/bytes.h"

enum {
    BIFF_FORMULA = 0x06,
    BIFF_EOF = 0x0a,
    BIFF_HEADER = 0x14,
    BIFF_FOOTER = 0x15,
    BIFF_FILEPASS = 0x2f,
    BIFF_CONTINUE = 0x3c,
    BIFF_CODEPAGE = 0x42,
    BIFF_BOUNDSHEET = 0x85,
    BIFF_MULRK = 0xbd,
    BIFF_RSTRING = 0xd6,
    BIFF_DRAWING_GROUP = 0xeb,
    BIFF_SST = 0xfc,
    BIFF_LABELSST = 0xfd,
    BIFF_TXO = 0x1b6,
    BIFF_NUMBER = 0x203,
    BIFF_LABEL = 0x204,
    BIFF_STRING = 0x207,
    BIFF_RK = 0x27e,
    BIFF_BOF = 0x809,
};

struct biff {
    struct bytes stream;
    uint64_t next; /* record */
    unsigned kind;
    struct bytes body;
    uint64_t at; /* within the body */
    bool broken; /* something ended before its end */
};

/* False at the end. */
bool biff_next(struct biff *biff);
/* Goes on in a CONTINUE record, if that is what follows. */
bool biff_continue(struct biff *biff);
/* 1, 2 or 4 bytes; goes on where the record does. */
uint32_t biff_number(struct biff *biff, unsigned count);
void biff_skip(struct biff *biff, uint64_t count);
/* `count` characters, each handed over as UTF-16. */
void biff_characters(struct biff *biff, uint32_t count, bool wide, void (*take)(void *context, uint16_t unit),
                     void *context);

#endif
