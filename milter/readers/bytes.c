/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/bytes.h"

bool bytes_hold(struct bytes bytes, uint64_t at, uint64_t count)
{
    return at <= bytes.size && count <= bytes.size - at;
}

uint64_t bytes_little(struct bytes bytes, uint64_t at, unsigned count)
{
    uint64_t value = 0;
    if (!bytes_hold(bytes, at, count))
        return 0;
    for (unsigned i = count; i-- > 0;)
        value = value << 8 | bytes.at[at + i];
    return value;
}

uint16_t bytes_u16(struct bytes bytes, uint64_t at)
{
    return (uint16_t)bytes_little(bytes, at, 2);
}

uint32_t bytes_u32(struct bytes bytes, uint64_t at)
{
    return (uint32_t)bytes_little(bytes, at, 4);
}

uint64_t bytes_u64(struct bytes bytes, uint64_t at)
{
    return bytes_little(bytes, at, 8);
}

struct bytes bytes_cut(struct bytes bytes, uint64_t at, uint64_t count)
{
    if (at > bytes.size)
        return (struct bytes){bytes.at + bytes.size, 0};
    size_t left = bytes.size - (size_t)at;
    return (struct bytes){bytes.at + at, count < left ? (size_t)count : left};
}
