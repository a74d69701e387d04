/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/revocation.h"

#include "sealer/packet.h"

enum { TAG_SIGNATURE = 2, TYPE_KEY_REVOCATION = 0x20, SUBPACKET_CREATED = 2 };

/* The creation time among the hashed subpackets of a version 4 signature. */
static int64_t created(struct span subpackets)
{
    uint64_t length = 0;
    struct span one;
    while (packet_length(&subpackets, &length) && packet_cut(&subpackets, length, &one))
        if (one.size == 5 && (one.bytes[0] & 0x7f) == SUBPACKET_CREATED)
            return (int64_t)packet_number(one.bytes + 1, 4);
    return 0;
}

static int64_t time_of(struct span signature)
{
    struct span head, hashed;
    if (!signature.size)
        return 0;
    if (signature.bytes[0] == 3)
        return packet_cut(&signature, 7, &head) && head.bytes[2] == TYPE_KEY_REVOCATION
                   ? (int64_t)packet_number(head.bytes + 3, 4)
                   : 0;
    if (signature.bytes[0] != 4 || !packet_cut(&signature, 6, &head) || head.bytes[1] != TYPE_KEY_REVOCATION)
        return 0;
    return packet_cut(&signature, packet_number(head.bytes + 4, 2), &hashed) ? created(hashed) : 0;
}

int64_t revocation_time(const uint8_t *key, size_t size)
{
    struct span left = {key, size}, body;
    unsigned tag = 0;
    int64_t earliest = 0;
    while (packet_take(&left, &tag, &body)) {
        int64_t when = tag == TAG_SIGNATURE ? time_of(body) : 0;
        if (when && (!earliest || when < earliest))
            earliest = when;
    }
    return earliest;
}
