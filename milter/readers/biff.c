/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/biff.h"

enum { HEAD_BYTES = 4 };

bool biff_next(struct biff *biff)
{
    if (!bytes_hold(biff->stream, biff->next, HEAD_BYTES))
        return false;
    uint64_t size = bytes_u16(biff->stream, biff->next + 2);
    biff->kind = bytes_u16(biff->stream, biff->next);
    biff->body = bytes_cut(biff->stream, biff->next + HEAD_BYTES, size);
    biff->broken |= biff->body.size != size;
    biff->next += HEAD_BYTES + size;
    biff->at = 0;
    return true;
}

bool biff_continue(struct biff *biff)
{
    if (bytes_u16(biff->stream, biff->next) != BIFF_CONTINUE ||
        !bytes_hold(biff->stream, biff->next, HEAD_BYTES))
        return false;
    unsigned kind = biff->kind;
    bool more = biff_next(biff);
    biff->kind = kind;
    return more;
}

uint32_t biff_number(struct biff *biff, unsigned count)
{
    if (biff->at >= biff->body.size && !biff_continue(biff)) {
        biff->broken = true;
        return 0;
    }
    biff->broken |= !bytes_hold(biff->body, biff->at, count);
    uint32_t number = (uint32_t)bytes_little(biff->body, biff->at, count);
    biff->at += count;
    return number;
}

void biff_skip(struct biff *biff, uint64_t count)
{
    while (count) {
        uint64_t left = biff->at < biff->body.size ? biff->body.size - biff->at : 0;
        if (left >= count) {
            biff->at += count;
            return;
        }
        count -= left;
        biff->at = biff->body.size;
        if (!biff_continue(biff)) {
            biff->broken = true;
            return;
        }
    }
}

void biff_characters(struct biff *biff, uint32_t count, bool wide, void (*take)(void *context, uint16_t unit),
                     void *context)
{
    while (count) {
        if (!bytes_hold(biff->body, biff->at, wide ? 2 : 1)) {
            bool more = biff_continue(biff);
            biff->broken |= !more;
            if (!more)
                return;
            wide = biff_number(biff, 1) & 1;
            continue;
        }
        unsigned width = wide ? 2 : 1;
        take(context, (uint16_t)bytes_little(biff->body, biff->at, width));
        biff->at += width;
        count--;
    }
}
