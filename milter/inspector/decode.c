/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/decode.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

/* All three have the bit of the first, which no value has. */
enum { BLANK = 64, PAD = 65, GARBAGE = 66 };

/* Of a group: one of its characters has no value. */
enum { NO_GROUP = 1 << 24 };

/* clang-format off */
/* By character: its value, or one of the three above. */
#define G       GARBAGE
#define G4(X)   X(G) X(G) X(G) X(G)
#define G16(X)  G4(X) G4(X) G4(X) G4(X)
#define FOUR(X, n) X(n) X((n) + 1) X((n) + 2) X((n) + 3)
#define LETTERS(X, n) \
    FOUR(X, n) FOUR(X, (n) + 4) FOUR(X, (n) + 8) FOUR(X, (n) + 12) FOUR(X, (n) + 16) FOUR(X, (n) + 20) X((n) + 24) X((n) + 25)
#define ALPHABET(X) \
    G4(X) G4(X) X(G) X(BLANK) X(BLANK) X(G) X(G) X(BLANK) X(G) X(G) G16(X) \
    X(BLANK) X(G) X(G) X(G) G4(X) X(G) X(G) X(G) X(62) X(G) X(G) X(G) X(63) \
    FOUR(X, 52) FOUR(X, 56) X(60) X(61) X(G) X(G) X(G) X(PAD) X(G) X(G) \
    X(G) LETTERS(X, 0) G4(X) X(G) X(G) LETTERS(X, 26) G4(X) X(G) \
    G16(X) G16(X) G16(X) G16(X) G16(X) G16(X) G16(X) G16(X)
/* The same at its place among the 24 bits of a group. */
#define AS_IT_IS(v) (v),
#define AT(v, shift) ((v) & BLANK ? NO_GROUP : (v) << (shift)),
#define FIRST(v)  AT(v, 18)
#define SECOND(v) AT(v, 12)
#define THIRD(v)  AT(v, 6)
#define FOURTH(v) AT(v, 0)

static const uint8_t values[256] = {ALPHABET(AS_IT_IS)};
static const uint32_t places[4][256] = {{ALPHABET(FIRST)}, {ALPHABET(SECOND)}, {ALPHABET(THIRD)}, {ALPHABET(FOURTH)}};
/* clang-format on */

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

/* Of four characters. */
static inline uint32_t group_at(const unsigned char *in)
{
    return places[0][in[0]] | places[1][in[1]] | places[2][in[2]] | places[3][in[3]];
}

/* Whole groups up to the end of the line. Two at a time are stored as eight bytes, of which the last two are
 * written over: there is room for size + 4. */
static char *base64_groups(const unsigned char **in, const unsigned char *end, char *out)
{
    const unsigned char *at = *in;
    for (; end - at >= 8; at += 8, out += 6) {
        uint32_t first = group_at(at), second = group_at(at + 4);
        if ((first | second) & NO_GROUP)
            break;
        uint64_t bytes = htobe64((uint64_t)first << 40 | (uint64_t)second << 16);
        memcpy(out, &bytes, sizeof bytes);
    }
    uint32_t last = end - at >= 4 ? group_at(at) : NO_GROUP;
    if (!(last & NO_GROUP)) {
        out = put_group(out, last, 3);
        at += 4;
    }
    *in = at;
    return out;
}

static size_t base64_feed(struct decoder *decoder, const char *bytes, size_t size, char *out)
{
    const unsigned char *in = (const unsigned char *)bytes, *end = in + size;
    char *start = out;
    while (in < end) {
        if (!decoder->have && !decoder->padded)
            out = base64_groups(&in, end, out);
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
