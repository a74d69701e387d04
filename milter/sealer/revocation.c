/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/revocation.h"

#include <stdbool.h>

enum { TAG_SIGNATURE = 2, TYPE_KEY_REVOCATION = 0x20, SUBPACKET_CREATED = 2 };

struct span {
    const uint8_t *bytes;
    size_t size;
};

static uint64_t number(const uint8_t *bytes, size_t octets)
{
    uint64_t value = 0;
    for (size_t i = 0; i < octets; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* Cuts `length` bytes off the front. */
static bool take(struct span *from, uint64_t length, struct span *out)
{
    if (length > from->size)
        return false;
    *out = (struct span){from->bytes, (size_t)length};
    from->bytes += length;
    from->size -= (size_t)length;
    return true;
}

/* A length as new-format packets and subpackets write it; no partial ones in a key. */
static bool take_length(struct span *from, uint64_t *length_out)
{
    struct span octets;
    if (!from->size)
        return false;
    uint8_t first = from->bytes[0];
    size_t count = first == 255 ? 5 : first >= 192 ? 2 : 1;
    if (!take(from, count, &octets))
        return false;
    if (count == 5)
        *length_out = number(octets.bytes + 1, 4);
    else
        *length_out = count == 2 ? ((uint64_t)(first - 192) << 8) + octets.bytes[1] + 192 : first;
    return true;
}

static bool take_packet(struct span *from, unsigned *tag_out, struct span *body)
{
    struct span head;
    uint64_t length = 0;
    if (!take(from, 1, &head) || !(head.bytes[0] & 0x80))
        return false;
    uint8_t octet = head.bytes[0];
    if (octet & 0x40) {
        *tag_out = octet & 0x3f;
        return take_length(from, &length) && take(from, length, body);
    }
    *tag_out = octet >> 2 & 0x0f;
    if ((octet & 3) == 3 || !take(from, (uint64_t)1 << (octet & 3), &head))
        return false;
    return take(from, number(head.bytes, head.size), body);
}

/* The creation time among the hashed subpackets of a version 4 signature. */
static int64_t created(struct span subpackets)
{
    uint64_t length = 0;
    struct span one;
    while (take_length(&subpackets, &length) && take(&subpackets, length, &one))
        if (one.size == 5 && (one.bytes[0] & 0x7f) == SUBPACKET_CREATED)
            return (int64_t)number(one.bytes + 1, 4);
    return 0;
}

static int64_t time_of(struct span signature)
{
    struct span head, hashed;
    if (!signature.size)
        return 0;
    if (signature.bytes[0] == 3)
        return take(&signature, 7, &head) && head.bytes[2] == TYPE_KEY_REVOCATION
                   ? (int64_t)number(head.bytes + 3, 4)
                   : 0;
    if (signature.bytes[0] != 4 || !take(&signature, 6, &head) || head.bytes[1] != TYPE_KEY_REVOCATION)
        return 0;
    return take(&signature, number(head.bytes + 4, 2), &hashed) ? created(hashed) : 0;
}

int64_t revocation_time(const uint8_t *key, size_t size)
{
    struct span left = {key, size}, body;
    unsigned tag = 0;
    int64_t earliest = 0;
    while (take_packet(&left, &tag, &body)) {
        int64_t when = tag == TAG_SIGNATURE ? time_of(body) : 0;
        if (when && (!earliest || when < earliest))
            earliest = when;
    }
    return earliest;
}
