/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/rtf_object.h"

#include "readers/ole.h"

#include <string.h>

enum { EMBEDDED = 2, LINKED = 1, HEAD_BYTES = 8, STRINGS = 3, HALF = 0x10, CLASS_ROOM = 64 };

void rtf_hex(unsigned *half, struct bytes digits, struct buffer *out)
{
    for (size_t i = 0; i < digits.size; i++) {
        unsigned c = digits.at[i], low = c | 0x20, digit = HALF;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if (low >= 'a' && low <= 'f')
            digit = low - 'a' + 10;
        if (digit == HALF)
            continue;
        if (!*half) {
            *half = HALF | digit;
            continue;
        }
        const uint8_t byte = (uint8_t)((*half & 0xf) << 4 | digit);
        buffer_append(out, &byte, 1);
        *half = 0;
    }
}

void rtf_object(struct reading *reading, struct bytes data)
{
    uint32_t form = bytes_u32(data, 4);
    char class[CLASS_ROOM] = "";
    uint64_t at = HEAD_BYTES;
    if (!data.size)
        return;
    for (unsigned i = 0; i < STRINGS; i++) {
        uint64_t size = bytes_u32(data, at);
        struct bytes text = bytes_cut(data, at + 4, size);
        if (i == 0 && text.size && text.size < sizeof class)
            memcpy(class, text.at, text.size);
        at += 4 + size;
    }
    struct bytes inner = bytes_cut(data, at + 4, bytes_u32(data, at));
    if (form == LINKED)
        (void)reading_closed(reading, NULL, PART_UNREAD, "its content is somewhere else");
    else if (form != EMBEDDED || !inner.size) {
        reading_raise(reading, PART_UNREAD | PART_AMBIGUOUS, "an object that cannot be read");
        (void)reading_embedded(reading, NULL, data.at, data.size);
    } else if (!strncmp(class, "Package", sizeof class))
        ole_native(reading, bytes_cut(data, at, inner.size + 4));
    else
        (void)reading_embedded(reading, NULL, inner.at, inner.size);
}
