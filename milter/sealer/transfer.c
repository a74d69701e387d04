/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/transfer.h"

#include "base/text.h"

#include <string.h>

enum { WORD_MAX = 20, NO_DIGIT = 255 };

enum transfer transfer_of(struct span value)
{
    static const struct {
        const char *name;
        enum transfer transfer;
    } rows[] = {{"7bit", TRANSFER_NONE},
                {"8bit", TRANSFER_NONE},
                {"binary", TRANSFER_NONE},
                {"base64", TRANSFER_BASE64},
                {"quoted-printable", TRANSFER_QUOTED}};
    char word[WORD_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < value.size; i++) {
        char c = (char)value.bytes[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (n == WORD_MAX)
            return TRANSFER_UNKNOWN;
        word[n++] = c;
    }
    word[n] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (text_equal_nocase(word, rows[i].name))
            return rows[i].transfer;
    return TRANSFER_UNKNOWN;
}

static uint8_t base64_of(uint8_t c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (uint8_t)(found - digits) : NO_DIGIT;
}

static bool decode_base64(struct span text, uint8_t *out, size_t *n)
{
    uint32_t bits = 0;
    unsigned n_bits = 0, padding = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.bytes[i], value = base64_of(c);
        if (c == '\r' || c == '\n' || c == ' ' || c == '\t')
            continue;
        if (c == '=' && n_bits && padding < 2) {
            padding++;
            continue;
        }
        if (value == NO_DIGIT || padding)
            return false;
        bits = (bits << 6 | value) & 0xffffff;
        n_bits += 6;
        if (n_bits >= 8)
            out[(*n)++] = (uint8_t)(bits >> (n_bits -= 8));
    }
    return padding ? padding * 2 == n_bits : n_bits == 0;
}

static uint8_t hex_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return (uint8_t)(c - '0');
    if (c >= 'A' && c <= 'F')
        return (uint8_t)(c - 'A' + 10);
    return c >= 'a' && c <= 'f' ? (uint8_t)(c - 'a' + 10) : NO_DIGIT;
}

/* What follows "=": a line end, which is dropped, or two digits. Its length; 0: neither. */
static size_t soft_break(struct span text, size_t at)
{
    size_t end = at;
    while (end < text.size && (text.bytes[end] == ' ' || text.bytes[end] == '\t' || text.bytes[end] == '\r'))
        end++;
    if (end == text.size)
        return end - at;
    return text.bytes[end] == '\n' ? end + 1 - at : 0;
}

static bool decode_quoted(struct span text, uint8_t *out, size_t *n)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] != '=') {
            out[(*n)++] = text.bytes[i];
            continue;
        }
        size_t soft = soft_break(text, i + 1);
        uint8_t high = i + 2 < text.size ? hex_of(text.bytes[i + 1]) : NO_DIGIT;
        uint8_t low = high != NO_DIGIT ? hex_of(text.bytes[i + 2]) : NO_DIGIT;
        if (low != NO_DIGIT)
            out[(*n)++] = (uint8_t)(high << 4 | low);
        else if (!soft)
            return false;
        i += low != NO_DIGIT ? 2 : soft;
    }
    return true;
}

bool transfer_decode(enum transfer transfer, struct span text, uint8_t *out, size_t *size_out)
{
    *size_out = 0;
    if (transfer == TRANSFER_BASE64)
        return decode_base64(text, out, size_out);
    return transfer == TRANSFER_QUOTED && decode_quoted(text, out, size_out);
}
