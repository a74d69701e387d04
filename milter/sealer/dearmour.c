/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/dearmour.h"

#include <string.h>

static const char FIRST[] = "-----BEGIN PGP MESSAGE-----", LAST[] = "-----END PGP MESSAGE-----";
static const char FIRST_OF_KEY[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----",
                  LAST_OF_KEY[] = "-----END PGP PUBLIC KEY BLOCK-----";

enum { HEADERS_MAX = 20, CRC_INIT = 0xb704ce, CRC_POLY = 0x1864cfb, NOT_BASE64 = 255 };

/* The line at armour->at without what may end it, and past it. */
static struct span next_line(struct dearmour *armour)
{
    struct span text = armour->text;
    const uint8_t *start = text.bytes + armour->at, *feed = memchr(start, '\n', text.size - armour->at);
    size_t size = feed ? (size_t)(feed - start) : text.size - armour->at;
    armour->at += size + (feed ? 1 : 0);
    while (size && strchr(" \t\r", start[size - 1]))
        size--;
    return (struct span){start, size};
}

static bool line_is(struct span line, const char *text)
{
    return line.size == strlen(text) && memcmp(line.bytes, text, line.size) == 0;
}

static bool fail(struct dearmour *armour, const char *why)
{
    armour->why = why;
    return false;
}

size_t dearmour_find(struct span text, size_t at)
{
    struct dearmour armour = {.text = text, .at = at};
    while (armour.at < text.size) {
        size_t start = armour.at;
        if (line_is(next_line(&armour), FIRST))
            return start;
    }
    return text.size;
}

/* "Key: value" lines up to an empty one; what they say is not looked at. */
static bool skip_headers(struct dearmour *armour)
{
    for (unsigned n = 0; n <= HEADERS_MAX && armour->at < armour->text.size; n++) {
        struct span line = next_line(armour);
        if (!line.size)
            return true;
        if (!memchr(line.bytes, ':', line.size))
            return fail(armour, "the armour has no empty line before its data");
    }
    return fail(armour, "the armour's header does not end");
}

static void make_table(struct dearmour *armour)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i << 16;
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc & 0x800000 ? crc << 1 ^ CRC_POLY : crc << 1;
        armour->table[i] = crc & 0xffffff;
    }
}

static bool begin(struct dearmour *armour, struct span text, const char *first, const char *last,
                  const char *why)
{
    struct span line = {text.bytes, 0};
    *armour = (struct dearmour){.text = text, .last = last, .crc = CRC_INIT};
    make_table(armour);
    while (!line.size && armour->at < text.size)
        line = next_line(armour);
    return line_is(line, first) ? skip_headers(armour) : fail(armour, why);
}

bool dearmour_begin(struct dearmour *armour, struct span text)
{
    return begin(armour, text, FIRST, LAST, "the second part is not an armoured OpenPGP message");
}

bool dearmour_begin_key(struct dearmour *armour, struct span text)
{
    return begin(armour, text, FIRST_OF_KEY, LAST_OF_KEY, "it does not begin as a public key does");
}

static uint8_t value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint8_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint8_t)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (uint8_t)(c - '0' + 52);
    return c == '+' ? 62 : c == '/' ? 63 : NOT_BASE64;
}

static uint32_t crc_add(const struct dearmour *armour, uint8_t byte)
{
    return (armour->crc << 8 ^ armour->table[(armour->crc >> 16 ^ byte) & 255]) & 0xffffff;
}

/* At most three bytes for four characters of a line; `out` has room for size / 4 * 3 + 3. */
static bool decode_line(struct dearmour *armour, struct span line, uint8_t *out, size_t *n)
{
    for (size_t i = 0; i < line.size; i++) {
        uint8_t value = value_of(line.bytes[i]);
        if (line.bytes[i] == '=' && (armour->n_bits == 4 || armour->n_bits == 2 || armour->n_padding)) {
            armour->n_padding++;
            continue;
        }
        if (value == NOT_BASE64 || armour->n_padding)
            return fail(armour, "the armour holds what is not base64");
        armour->bits = (armour->bits << 6 | value) & 0xffffff;
        armour->n_bits += 6;
        if (armour->n_bits < 8)
            continue;
        armour->n_bits -= 8;
        out[*n] = (uint8_t)(armour->bits >> armour->n_bits);
        armour->crc = crc_add(armour, out[(*n)++]);
    }
    return true;
}

static bool check_crc(struct dearmour *armour, struct span line)
{
    uint32_t crc = 0;
    for (size_t i = 1; i < line.size; i++) {
        uint8_t value = value_of(line.bytes[i]);
        if (value == NOT_BASE64)
            return fail(armour, "the armour's checksum cannot be read");
        crc = crc << 6 | value;
    }
    return crc == armour->crc || fail(armour, "the armour's checksum is wrong");
}

/* After the last line of data: nothing may follow. */
static bool end(struct dearmour *armour)
{
    bool whole = armour->n_padding == 0 ? armour->n_bits == 0 : armour->n_padding * 2 == armour->n_bits;
    if (!whole)
        return fail(armour, "the armour's data ends in the middle");
    while (armour->at < armour->text.size)
        if (next_line(armour).size)
            return fail(armour, "something follows the armour");
    armour->ended = true;
    return true;
}

/* One line of the data section. *n grows by what it held. */
static bool read_line(struct dearmour *armour, uint8_t *out, size_t *n)
{
    if (armour->at >= armour->text.size)
        return fail(armour, "the armour ends in the middle");
    struct span line = next_line(armour);
    if (line_is(line, armour->last))
        return end(armour);
    if (line.size == 5 && line.bytes[0] == '=') {
        if (!check_crc(armour, line))
            return false;
        return line_is(next_line(armour), armour->last)
                   ? end(armour)
                   : fail(armour, "something follows the armour's checksum");
    }
    return decode_line(armour, line, out, n);
}

ssize_t dearmour_read(struct dearmour *armour, uint8_t *out, size_t room)
{
    size_t n = 0;
    while (!armour->ended && !armour->why) {
        const uint8_t *start = armour->text.bytes + armour->at;
        const uint8_t *feed = memchr(start, '\n', armour->text.size - armour->at);
        size_t length = feed ? (size_t)(feed - start) : armour->text.size - armour->at;
        if (length > 1000 || length > room)
            (void)fail(armour, "the armour has a line that is too long");
        else if (n + length > room)
            break;
        else
            (void)read_line(armour, out, &n);
    }
    return armour->why && !n ? -1 : (ssize_t)n;
}
