/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/rtf_lex.h"

#include <string.h>

enum { DIGITS_MAX = 10 };

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* 0 at the end. */
static uint8_t peek(const struct rtf_lex *lex)
{
    return lex->at < lex->bytes.size ? lex->bytes.at[lex->at] : 0;
}

static int digit_of(uint8_t c)
{
    if (is_digit(c))
        return c - '0';
    uint8_t low = c | 0x20;
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static void read_number(struct rtf_lex *lex)
{
    bool minus = peek(lex) == '-';
    int64_t number = 0;
    lex->has_number = false;
    lex->number = 0;
    if (minus && !(lex->at + 1 < lex->bytes.size && is_digit(lex->bytes.at[lex->at + 1])))
        return;
    lex->at += minus;
    for (unsigned digits = 0; is_digit(peek(lex)); lex->at++, lex->has_number = true)
        if (digits++ < DIGITS_MAX)
            number = number * 10 + (peek(lex) - '0');
    number = minus ? -number : number;
    lex->number = number > INT32_MAX ? INT32_MAX : number < INT32_MIN ? INT32_MIN : (int32_t)number;
}

static enum rtf_token read_word(struct rtf_lex *lex)
{
    size_t size = 0;
    for (; is_letter(peek(lex)); lex->at++)
        if (size < RTF_WORD_ROOM)
            lex->word[size++] = (char)peek(lex);
    lex->word[size < RTF_WORD_ROOM ? size : 0] = '\0';
    read_number(lex);
    if (peek(lex) == ' ')
        lex->at++;
    if (strcmp(lex->word, "bin") != 0)
        return RTF_WORD;
    lex->text = bytes_cut(lex->bytes, lex->at, lex->number > 0 ? (uint64_t)lex->number : 0);
    lex->at += lex->text.size;
    return RTF_BINARY;
}

static enum rtf_token read_control(struct rtf_lex *lex)
{
    lex->at++;
    if (lex->at >= lex->bytes.size)
        return RTF_END;
    if (is_letter(peek(lex)))
        return read_word(lex);
    lex->byte = peek(lex);
    lex->at++;
    if (lex->byte != '\'')
        return RTF_SYMBOL;
    int high = lex->at < lex->bytes.size ? digit_of(lex->bytes.at[lex->at]) : -1,
        low = lex->at + 1 < lex->bytes.size ? digit_of(lex->bytes.at[lex->at + 1]) : -1;
    if (high < 0 || low < 0)
        return RTF_SYMBOL;
    lex->byte = (uint8_t)(high << 4 | low);
    lex->at += 2;
    return RTF_BYTE;
}

static bool ends_text(uint8_t c)
{
    return c == '{' || c == '}' || c == '\\' || c == '\r' || c == '\n';
}

enum rtf_token rtf_next(struct rtf_lex *lex)
{
    while (lex->at < lex->bytes.size && (peek(lex) == '\r' || peek(lex) == '\n'))
        lex->at++;
    if (lex->at >= lex->bytes.size)
        return RTF_END;
    switch (peek(lex)) {
    case '{':
        lex->at++;
        return RTF_OPEN;
    case '}':
        lex->at++;
        return RTF_CLOSE;
    case '\\':
        return read_control(lex);
    default:
        break;
    }
    uint64_t from = lex->at;
    while (lex->at < lex->bytes.size && !ends_text(lex->bytes.at[lex->at]))
        lex->at++;
    lex->text = bytes_cut(lex->bytes, from, lex->at - from);
    return RTF_TEXT;
}
