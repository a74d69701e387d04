/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/armour.h"

#include <stdlib.h>
#include <string.h>

/* As long as lines may be (RFC 4880, 6.3): MTAs work by the line. */
enum { LINE_BYTES = 57, LINE_CHARS = 76, LINE_ROOM = LINE_CHARS + 2, SLICES = 16 };

static const uint32_t CRC24_INIT = 0xb704ceU << 8, CRC24_POLY = 0x864cfbU << 8;

struct armour {
    struct output *output;
    uint32_t crc; /* in the upper 24 bits, so that it works like a 32-bit CRC, most significant bit first */
    size_t n_pending;
    uint8_t pending[LINE_BYTES];
    char pairs[4096][2];          /* two base64 characters for 12 bits */
    uint32_t slices[SLICES][256]; /* slices[k][b]: the CRC of byte b followed by k zero bytes */
};

static void make_tables(struct armour *armour)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (unsigned i = 0; i < 4096; i++) {
        armour->pairs[i][0] = alphabet[i >> 6];
        armour->pairs[i][1] = alphabet[i & 63];
    }
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x80000000U ? crc << 1 ^ CRC24_POLY : crc << 1;
        armour->slices[0][i] = crc;
    }
    for (unsigned k = 1; k < SLICES; k++)
        for (unsigned i = 0; i < 256; i++) {
            uint32_t before = armour->slices[k - 1][i];
            armour->slices[k][i] = before << 8 ^ armour->slices[0][before >> 24];
        }
}

struct armour *armour_new(void)
{
    struct armour *armour = calloc(1, sizeof *armour);
    if (armour)
        make_tables(armour);
    return armour;
}

void armour_free(struct armour *armour)
{
    free(armour);
}

static inline uint32_t load_big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void crc_update(struct armour *armour, const uint8_t *bytes, size_t size)
{
    const uint32_t(*t)[256] = (const uint32_t(*)[256])armour->slices;
    uint32_t crc = armour->crc;
    for (; size >= SLICES; size -= SLICES, bytes += SLICES) {
        uint32_t a = crc ^ load_big_endian(bytes), b = load_big_endian(bytes + 4),
                 c = load_big_endian(bytes + 8), d = load_big_endian(bytes + 12);
        crc = t[3][d >> 24] ^ t[2][d >> 16 & 255] ^ t[1][d >> 8 & 255] ^ t[0][d & 255] ^ t[7][c >> 24] ^
              t[6][c >> 16 & 255] ^ t[5][c >> 8 & 255] ^ t[4][c & 255] ^ t[11][b >> 24] ^
              t[10][b >> 16 & 255] ^ t[9][b >> 8 & 255] ^ t[8][b & 255] ^ t[15][a >> 24] ^
              t[14][a >> 16 & 255] ^ t[13][a >> 8 & 255] ^ t[12][a & 255];
    }
    for (; size; size--)
        crc = crc << 8 ^ t[0][crc >> 24 ^ *bytes++];
    armour->crc = crc;
}

/* 3 bytes to 4 characters. */
static void encode_three(const struct armour *armour, const uint8_t *in, char *out)
{
    unsigned bits = (unsigned)in[0] << 16 | (unsigned)in[1] << 8 | in[2];
    memcpy(out, armour->pairs[bits >> 12], 2);
    memcpy(out + 2, armour->pairs[bits & 4095], 2);
}

/* The upper 6 bytes of `bits` to 8 characters. */
static inline void encode_six(const struct armour *armour, uint64_t bits, char *out)
{
    memcpy(out, armour->pairs[bits >> 52], 2);
    memcpy(out + 2, armour->pairs[bits >> 40 & 4095], 2);
    memcpy(out + 4, armour->pairs[bits >> 28 & 4095], 2);
    memcpy(out + 6, armour->pairs[bits >> 16 & 4095], 2);
}

static inline uint64_t load_eight(const uint8_t *bytes)
{
    return (uint64_t)load_big_endian(bytes) << 32 | load_big_endian(bytes + 4);
}

static inline void encode_line(const struct armour *armour, const uint8_t *bytes, char *out)
{
    enum { SIXES = LINE_BYTES / 6 };
    /* The last load ends within the line by a byte. */
    for (size_t i = 0; i < SIXES; i++)
        encode_six(armour, load_eight(bytes + 6 * i), out + 8 * i);
    encode_three(armour, bytes + 6 * SIXES, out + 8 * SIXES);
    memcpy(out + LINE_CHARS, "\r\n", 2);
}

/* The last, short line: whole threes, then one or two bytes with '=' (RFC 4648, 4). */
static void encode_rest(struct armour *armour)
{
    const uint8_t *in = armour->pending;
    size_t left = armour->n_pending;
    if (!left)
        return;
    for (; left >= 3; left -= 3, in += 3)
        encode_three(armour, in, output_room(armour->output, 4));
    if (left) {
        const uint8_t last[3] = {in[0], left == 2 ? in[1] : 0, 0};
        char *out = output_room(armour->output, 4);
        encode_three(armour, last, out);
        memset(out + 1 + left, '=', 3 - left);
    }
    output_puts(armour->output, "\r\n");
}

void armour_begin(struct armour *armour, struct output *output)
{
    armour->output = output;
    armour->crc = CRC24_INIT;
    armour->n_pending = 0;
    output_puts(output, "-----BEGIN PGP MESSAGE-----\r\n\r\n");
}

void armour_feed(struct armour *armour, const uint8_t *bytes, size_t size)
{
    crc_update(armour, bytes, size);
    if (armour->n_pending) {
        size_t take = LINE_BYTES - armour->n_pending;
        take = take < size ? take : size;
        memcpy(armour->pending + armour->n_pending, bytes, take);
        armour->n_pending += take;
        bytes += take;
        size -= take;
        if (armour->n_pending < LINE_BYTES)
            return;
        encode_line(armour, armour->pending, output_room(armour->output, LINE_ROOM));
    }
    for (; size >= LINE_BYTES; size -= LINE_BYTES, bytes += LINE_BYTES)
        encode_line(armour, bytes, output_room(armour->output, LINE_ROOM));
    memcpy(armour->pending, bytes, size);
    armour->n_pending = size;
}

void armour_end(struct armour *armour)
{
    encode_rest(armour);
    uint32_t crc = armour->crc >> 8;
    const uint8_t bytes[3] = {(uint8_t)(crc >> 16), (uint8_t)(crc >> 8), (uint8_t)crc};
    output_puts(armour->output, "=");
    encode_three(armour, bytes, output_room(armour->output, 4));
    output_puts(armour->output, "\r\n-----END PGP MESSAGE-----\r\n");
}
