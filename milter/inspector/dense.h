/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_DENSE_H
#define KHATM_INSPECTOR_DENSE_H

/* Lines that no person types: of one width and without a blank, in many different signs (base 85, BinHex,
 * xxencode, whatever comes next); and dumps of bytes: hexadecimal or decimal numbers in columns or with signs
 * between. Fed line by line, quotes taken off. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DENSE_WIDTH = 48, /* a line has at least as many signs … */
    DENSE_LINES = 8,  /* … and as many lines of one width … */
    DENSE_SIGNS = 24, /* … with as many different ones are a code */
    DUMP_DIGITS = 384,
    DUMP_LINES = 12,
    DUMP_LINE_DIGITS = 16,   /* of a line; identifiers are shorter */
    DUMP_COLUMN_DIGITS = 32, /* before a column of text */
    DUMP_GROUP_MAX = 8,      /* digits without a blank there: digests are longer */
    DUMP_NUMBERS = 12,       /* of a line of decimal numbers, all below 256, with at least this mean: */
    DUMP_MEAN = 60,
};

struct dense {
    size_t width;
    unsigned lines;
    uint64_t signs[2]; /* which of 0x20 to 0x7f were seen */
    unsigned hex_lines, hex_width, hex_digits, hex_letters;
    unsigned number_lines, numbers, sum;
};

/* NULL, or what it is. All zero at the start. */
const char *dense_line(struct dense *dense, const char *line, size_t size);

#endif
