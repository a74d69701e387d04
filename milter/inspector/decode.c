/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/decode.h"

#include <string.h>

enum { BLANK = 64, PAD = 65, GARBAGE = 66 };

/* By character: its value, or one of the three above. */
static const uint8_t values[256] = {
#define G  GARBAGE
#define G8 G, G, G, G, G, G, G, G
    G,  G,  G,  G,   G,  G,  G,  G,  G,  BLANK, BLANK, G,  G,  BLANK, G,  G,  G8, G8, BLANK, G,  G,  G,
    G,  G,  G,  G,   G,  G,  G,  62, G,  G,     G,     63, 52, 53,    54, 55, 56, 57, 58,    59, 60, 61,
    G,  G,  G,  PAD, G,  G,  G,  0,  1,  2,     3,     4,  5,  6,     7,  8,  9,  10, 11,    12, 13, 14,
    15, 16, 17, 18,  19, 20, 21, 22, 23, 24,    25,    G,  G,  G,     G,  G,  G,  26, 27,    28, 29, 30,
    31, 32, 33, 34,  35, 36, 37, 38, 39, 40,    41,    42, 43, 44,    45, 46, 47, 48, 49,    50, 51, G,
    G,  G,  G,  G,   G8, G8, G8, G8, G8, G8,    G8,    G8, G8, G8,    G8, G8, G8, G8, G8,    G8,
#undef G8
#undef G
};

void decoder_init(struct decoder *decoder, enum encoding encoding)
{
    *decoder = (struct decoder){.encoding = encoding};
}

static void note(struct decoder *decoder, const char *why)
{
    if (!decoder->odd)
        decoder->odd = why;
}

static char *put_group(char *out, uint32_t bits, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        *out++ = (char)(bits >> (16 - 8 * i));
    return out;
}

static char *base64_one(struct decoder *decoder, uint8_t value, char *out)
{
    if (value == BLANK)
        return out;
    if (value == GARBAGE) {
        note(decoder, "base64 with other characters in it");
        return out;
    }
    if (value == PAD) {
        if (decoder->have >= 2)
            out = put_group(out, decoder->bits << (6 * (4 - decoder->have)), decoder->have - 1);
        else if (!decoder->padded)
            note(decoder, "base64 padded where nothing is missing");
        decoder->padded = true;
        decoder->have = 0;
        decoder->bits = 0;
        return out;
    }
    if (decoder->padded)
        note(decoder, "base64 that goes on after its end");
    decoder->bits = decoder->bits << 6 | value;
    if (++decoder->have < 4)
        return out;
    out = put_group(out, decoder->bits, 3);
    decoder->have = 0;
    decoder->bits = 0;
    return out;
}

static size_t base64_feed(struct decoder *decoder, const char *bytes, size_t size, char *out)
{
    const unsigned char *in = (const unsigned char *)bytes, *end = in + size;
    char *start = out;
    while (in < end) {
        while (!decoder->have && !decoder->padded && end - in >= 4) {
            uint32_t a = values[in[0]], b = values[in[1]], c = values[in[2]], d = values[in[3]];
            if ((a | b | c | d) & 64)
                break;
            uint32_t group = a << 18 | b << 12 | c << 6 | d;
            out[0] = (char)(group >> 16);
            out[1] = (char)(group >> 8);
            out[2] = (char)group;
            out += 3;
            in += 4;
        }
        if (in < end)
            out = base64_one(decoder, values[*in++], out);
    }
    return (size_t)(out - start);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Three held bytes, or the end: what they stand for. */
static char *quoted_release(struct decoder *decoder, char *out)
{
    const char *held = decoder->held;
    int high = decoder->have == 3 ? hex_value(held[1]) : -1,
        low = decoder->have == 3 ? hex_value(held[2]) : -1;
    if (high >= 0 && low >= 0)
        *out++ = (char)(high << 4 | low);
    else {
        note(decoder, "quoted-printable that is none");
        memcpy(out, held, decoder->have);
        out += decoder->have;
    }
    decoder->have = 0;
    return out;
}

static char *quoted_held(struct decoder *decoder, char c, char *out)
{
    /* "=" at the end of a line, blanks allowed after it: the line goes on. */
    if (c == '\n' && (decoder->have == 1 || decoder->held[1] == ' ' || decoder->held[1] == '\r')) {
        decoder->have = 0;
        return out;
    }
    bool blank = c == ' ' || c == '\t' || c == '\r';
    if (blank && decoder->have >= 1 && (decoder->have == 1 || decoder->held[1] == ' ')) {
        decoder->held[1] = ' ';
        decoder->have = 2;
        return out;
    }
    decoder->held[decoder->have++] = c;
    return decoder->have == 3 ? quoted_release(decoder, out) : out;
}

/* What was held comes out late, so the output may be up to three bytes longer than this piece of input. */
static size_t quoted_feed(struct decoder *decoder, const char *bytes, size_t size, char *out)
{
    char *start = out;
    const char *end = bytes + size;
    while (bytes < end) {
        if (decoder->have) {
            out = quoted_held(decoder, *bytes++, out);
            continue;
        }
        const char *sign = memchr(bytes, '=', (size_t)(end - bytes));
        size_t plain = (size_t)((sign ? sign : end) - bytes);
        memcpy(out, bytes, plain);
        out += plain;
        bytes += plain;
        if (sign) {
            decoder->held[0] = *bytes++;
            decoder->have = 1;
        }
    }
    return (size_t)(out - start);
}

size_t decoder_feed(struct decoder *decoder, const char *bytes, size_t size, char *out)
{
    switch (decoder->encoding) {
    case ENCODING_BASE64:
        return base64_feed(decoder, bytes, size, out);
    case ENCODING_QUOTED:
        return quoted_feed(decoder, bytes, size, out);
    case ENCODING_IDENTITY:
    case ENCODING_UNKNOWN:
        break;
    }
    memcpy(out, bytes, size);
    return size;
}

size_t decoder_finish(struct decoder *decoder, char *out)
{
    size_t size = 0;
    if (decoder->encoding == ENCODING_BASE64 && decoder->have) {
        note(decoder, "base64 that is cut off");
        if (decoder->have >= 2)
            size =
                (size_t)(put_group(out, decoder->bits << (6 * (4 - decoder->have)), decoder->have - 1) - out);
    }
    if (decoder->encoding == ENCODING_QUOTED && decoder->have && decoder->held[1] != ' ')
        size = (size_t)(quoted_release(decoder, out) - out);
    decoder->have = 0;
    return size;
}
