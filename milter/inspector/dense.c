/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/dense.h"

#include "base/text.h"

#include <string.h>

/* Links are broken into lines of one width by some programs. */
static bool holds_link(const char *line, size_t size)
{
    return text_find(line, size, "://", 3, 0) != NULL;
}

static unsigned bits_of(const uint64_t signs[2])
{
    unsigned count = 0;
    for (size_t i = 0; i < 128; i++)
        count += (unsigned)(signs[i / 64] >> (i % 64)) & 1;
    return count;
}

static const char *look_at_width(struct dense *dense, const char *line, size_t size)
{
    bool dense_signs = size >= DENSE_WIDTH && (dense->lines || !holds_link(line, size));
    for (size_t i = 0; i < size && dense_signs; i++)
        dense_signs = line[i] > 0x20 && line[i] < 0x7f;
    if (!dense_signs || (dense->lines && dense->width != size)) {
        dense->lines = 0;
        memset(dense->signs, 0, sizeof dense->signs);
    }
    if (!dense_signs)
        return NULL;
    for (size_t i = 0; i < size; i++)
        dense->signs[(unsigned char)line[i] / 64] |= UINT64_C(1) << ((unsigned char)line[i] % 64);
    dense->width = size;
    dense->lines++;
    return dense->lines >= DENSE_LINES && bits_of(dense->signs) >= DENSE_SIGNS ? "block of some code" : NULL;
}

static bool is_hex_letter(char c)
{
    return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What stands between bytes that somebody wrote down. */
static bool is_between(char c)
{
    return c && strchr(" \t:,;-x\\%=#&|.$+/[](){}'\"", c);
}

/* Of these the raw scan knows blocks already, and lists of digests among them. */
static bool is_usual(char c)
{
    return c && strchr(" \t:,-x\\", c);
}

struct dump_line {
    unsigned digits, letters, run, run_max;
    bool unusual, whole;
};

/* Where the column of text begins beside 16 bytes of hexadecimal: behind two blanks, or a bar. */
static bool is_column(const struct dump_line *dump, const char *line, size_t at)
{
    return dump->digits >= DUMP_COLUMN_DIGITS && dump->run_max <= DUMP_GROUP_MAX &&
           ((line[at - 1] == ' ' && line[at - 2] == ' ') || line[at] == '|');
}

static void read_dump_line(struct dump_line *dump, const char *line, size_t size)
{
    *dump = (struct dump_line){.whole = true};
    for (size_t at = 0; at < size; at++) {
        bool letter = is_hex_letter(line[at]), digit = line[at] >= '0' && line[at] <= '9';
        if (is_column(dump, line, at)) {
            dump->unusual = true;
            return;
        }
        dump->whole = letter || digit || is_between(line[at]);
        if (!dump->whole)
            return;
        dump->letters += letter;
        dump->digits += letter || digit;
        dump->run = letter || digit ? dump->run + 1 : 0;
        dump->run_max = dump->run > dump->run_max ? dump->run : dump->run_max;
        dump->unusual |= !letter && !digit && !is_usual(line[at]);
    }
}

static const char *look_for_hex(struct dense *dense, const char *line, size_t size)
{
    struct dump_line dump;
    read_dump_line(&dump, line, size);
    bool bytes = dump.whole && dump.digits >= DUMP_LINE_DIGITS &&
                 (dump.unusual || dump.digits < DUMP_COLUMN_DIGITS) &&
                 (!dense->hex_lines || dump.digits <= dense->hex_width);
    if (!bytes) {
        dense->hex_lines = dense->hex_digits = dense->hex_letters = 0;
        return NULL;
    }
    dense->hex_width = dump.digits;
    dense->hex_lines++;
    dense->hex_digits += dump.digits;
    dense->hex_letters += dump.letters;
    /* In a table of numbers there are no letters, in text that was written as hexadecimal few. */
    bool is_hex = dense->hex_letters * 40 >= dense->hex_digits;
    return dense->hex_lines >= DUMP_LINES && dense->hex_digits >= DUMP_DIGITS && is_hex
               ? "dump of hexadecimal numbers"
               : NULL;
}

static const char *look_for_numbers(struct dense *dense, const char *line, size_t size)
{
    unsigned numbers = 0, sum = 0, value = 0, digits = 0;
    bool good = true;
    for (size_t i = 0; i <= size && good; i++) {
        char c = i < size ? line[i] : ' ';
        if (c >= '0' && c <= '9') {
            value = value * 10 + (unsigned)(c - '0');
            good = ++digits <= 3;
        } else {
            good = strchr(" \t,;[]{}", c) && value < 256;
            numbers += digits > 0;
            sum += value;
            value = digits = 0;
        }
    }
    if (!good || numbers < DUMP_NUMBERS) {
        dense->number_lines = dense->numbers = dense->sum = 0;
        return NULL;
    }
    dense->number_lines++;
    dense->numbers += numbers;
    dense->sum += sum;
    return dense->number_lines >= DUMP_LINES && dense->sum >= DUMP_MEAN * dense->numbers ? "dump of numbers"
                                                                                         : NULL;
}

const char *dense_line(struct dense *dense, const char *line, size_t size)
{
    const char *what = look_at_width(dense, line, size);
    if (!what)
        what = look_for_hex(dense, line, size);
    return what ? what : look_for_numbers(dense, line, size);
}
