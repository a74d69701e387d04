/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/packet.h"

/* In a packet's header these begin a partial length, which only data may have; in a subpacket they are
 * lengths. */
enum { PARTIAL_FIRST = 224, PARTIAL_LAST = 254 };

uint64_t packet_number(const uint8_t *bytes, size_t octets)
{
    uint64_t value = 0;
    for (size_t i = 0; i < octets; i++)
        value = value << 8 | bytes[i];
    return value;
}

bool packet_cut(struct span *from, uint64_t length, struct span *out)
{
    if (length > from->size)
        return false;
    *out = (struct span){from->bytes, (size_t)length};
    from->bytes += length;
    from->size -= (size_t)length;
    return true;
}

bool packet_length(struct span *from, uint64_t *length_out)
{
    struct span octets;
    if (!from->size)
        return false;
    uint8_t first = from->bytes[0];
    size_t count = first == 255 ? 5 : first >= 192 ? 2 : 1;
    if (!packet_cut(from, count, &octets))
        return false;
    if (count == 5)
        *length_out = packet_number(octets.bytes + 1, 4);
    else
        *length_out = count == 2 ? ((uint64_t)(first - 192) << 8) + octets.bytes[1] + 192 : first;
    return true;
}

bool packet_take(struct span *from, unsigned *tag_out, struct span *body)
{
    struct span head;
    uint64_t length = 0;
    if (!packet_cut(from, 1, &head) || !(head.bytes[0] & 0x80))
        return false;
    uint8_t octet = head.bytes[0];
    if (octet & 0x40) {
        *tag_out = octet & 0x3f;
        if (from->size && from->bytes[0] >= PARTIAL_FIRST && from->bytes[0] <= PARTIAL_LAST)
            return false;
        return packet_length(from, &length) && packet_cut(from, length, body);
    }
    *tag_out = octet >> 2 & 0x0f;
    if ((octet & 3) == 3 || !packet_cut(from, (uint64_t)1 << (octet & 3), &head))
        return false;
    return packet_cut(from, packet_number(head.bytes, head.size), body);
}
