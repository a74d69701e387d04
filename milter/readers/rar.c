/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/rar.h"

#include <string.h>

enum {
    MARK4_BYTES = 7,
    HEAD4_BYTES = 7,
    MAIN4 = 0x73,
    FILE4 = 0x74,
    LAST4 = 0x7b,
    LOCKED4 = 0x80,
    DATA4 = 0x8000,
    LARGE4 = 0x100,
    HIGH_SIZE4_AT = 32, /* of the block: the packed size's upper half */

    MARK5_BYTES = 8,
    CHECKSUM5_BYTES = 4,
    LOCKED5 = 4,
    LAST5 = 5,
    EXTRA5 = 1,
    DATA5 = 2,
};

static const char mark5[MARK5_BYTES] = "Rar!\x1a\x07\x01";

static void walk4(struct bytes bytes, struct rar *rar)
{
    uint64_t at = MARK4_BYTES;
    unsigned kind = 0;
    while (kind != LAST4 && bytes_hold(bytes, at, HEAD4_BYTES)) {
        uint64_t flags = bytes_u16(bytes, at + 3), size = bytes_u16(bytes, at + 5);
        kind = bytes.at[at + 2];
        if (size < HEAD4_BYTES)
            break;
        rar->locked |= kind == MAIN4 && (flags & LOCKED4);
        if (flags & DATA4)
            size += bytes_u32(bytes, at + HEAD4_BYTES);
        if (kind == FILE4 && (flags & LARGE4))
            size += (uint64_t)bytes_u32(bytes, at + HIGH_SIZE4_AT) << 32;
        if (!bytes_hold(bytes, at, size))
            break;
        at += size;
    }
    rar->end_at = at;
}

/* Seven bits a byte, the lowest first; moves *at on. */
static uint64_t number5(struct bytes bytes, uint64_t *at)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 63 && *at < bytes.size; shift += 7) {
        uint8_t byte = bytes.at[(*at)++];
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            break;
    }
    return value;
}

static void walk5(struct bytes bytes, struct rar *rar)
{
    uint64_t at = MARK5_BYTES, kind = 0;
    while (kind != LAST5 && kind != LOCKED5 && bytes_hold(bytes, at, CHECKSUM5_BYTES + 3)) {
        uint64_t cursor = at + CHECKSUM5_BYTES, size = number5(bytes, &cursor), start = cursor;
        kind = number5(bytes, &cursor);
        uint64_t flags = number5(bytes, &cursor);
        if (flags & EXTRA5)
            (void)number5(bytes, &cursor);
        uint64_t data = flags & DATA5 ? number5(bytes, &cursor) : 0;
        if (!size || !bytes_hold(bytes, start, size) || !bytes_hold(bytes, start + size, data))
            break;
        at = start + size + data;
    }
    rar->locked = kind == LOCKED5;
    rar->end_at = at;
}

struct rar rar_look(struct bytes bytes)
{
    struct rar rar = {.is_five = bytes.size >= MARK5_BYTES && !memcmp(bytes.at, mark5, MARK5_BYTES)};
    if (rar.is_five)
        walk5(bytes, &rar);
    else
        walk4(bytes, &rar);
    return rar;
}
