/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/octets.h"

#include <stdint.h>
#include <string.h>

enum { WORD = sizeof(uint64_t) };

/* Adding to the low seven bits of each octet carries into its own eighth bit and no further. */
static const uint64_t ones = 0x0101010101010101U, eighth = 0x8080808080808080U;

static uint64_t load(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* The eighth bit of each octet that is not less than this, 1 to 0x80. */
static uint64_t at_least(uint64_t word, unsigned char low)
{
    return (((word & ~eighth) + ones * (0x80U - low)) | word) & eighth;
}

static unsigned count(uint64_t bits)
{
    return (unsigned)(((bits >> 7) * ones) >> 56);
}

static bool is_control(unsigned char c)
{
    return c < 0x20 && !((1U << c) & (1U << 9 | 1U << 10 | 1U << 12 | 1U << 13 | 1U << 27));
}

static void count_each(struct octets *octets, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        octets->visible += c > 0x20;
        octets->controls += is_control(c);
        octets->eight_bit |= c >= 0x80;
    }
}

struct octets octets_count(const char *bytes, size_t size)
{
    struct octets octets = {0};
    uint64_t all = 0;
    size_t at = 0;
    for (; size - at >= WORD; at += WORD) {
        uint64_t word = load(bytes + at);
        if (at_least(word, 0x20) != eighth) {
            count_each(&octets, bytes + at, WORD);
            continue;
        }
        octets.visible += count(at_least(word, 0x21));
        all |= word;
    }
    octets.eight_bit |= (all & eighth) != 0;
    count_each(&octets, bytes + at, size - at);
    return octets;
}

size_t octets_plain(const char *bytes, size_t size, size_t *blanks_out)
{
    size_t at = 0, blanks = 0;
    for (; size - at >= WORD; at += WORD) {
        uint64_t word = load(bytes + at);
        if (at_least(word, 0x20) != eighth || at_least(word, 0x7f))
            break;
        blanks += WORD - count(at_least(word, 0x21));
    }
    for (; at < size && bytes[at] >= ' ' && bytes[at] < 0x7f; at++)
        blanks += bytes[at] == ' ';
    *blanks_out = blanks;
    return at;
}

size_t octets_characters(const char *bytes, size_t size, size_t most)
{
    size_t at = 0, tails = 0;
    for (; size - at >= WORD && at - tails <= most; at += WORD) {
        uint64_t word = load(bytes + at);
        if (word & eighth)
            tails += count(word & ~(word << 1) & eighth);
    }
    for (; at < size && at - tails <= most; at++)
        tails += ((unsigned char)bytes[at] & 0xc0) == 0x80;
    return at - tails;
}
