/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/mapi.h"

enum { MULTIPLE = 0x1000, NAMED = 0x8000, GUID_BYTES = 16, VALUES_MAX = 65536 };

void mapi_open(struct mapi *mapi, struct bytes all)
{
    *mapi = (struct mapi){.all = all, .at = 4, .left = bytes_u32(all, 0)};
    mapi->damaged = !bytes_hold(all, 0, 4);
}

/* Bytes of a value of fixed size, as padded; 0: its size stands before it. */
static unsigned fixed_size(unsigned type)
{
    switch (type & ~(unsigned)MULTIPLE) {
    case 0x0002: /* 16-bit number */
    case 0x0003:
    case 0x0004: /* float */
    case 0x000a: /* error */
    case 0x000b: /* yes or no */
        return 4;
    case 0x0005: /* double */
    case 0x0006: /* currency */
    case 0x0007: /* time of an application */
    case 0x0014: /* 64-bit number */
    case 0x0040: /* time */
        return 8;
    case 0x0048: /* GUID */
        return GUID_BYTES;
    default:
        return 0;
    }
}

static bool take(struct mapi *mapi, uint64_t size, struct bytes *value)
{
    uint64_t padded = (size + 3) & ~(uint64_t)3;
    if (!bytes_hold(mapi->all, mapi->at, size))
        return false;
    if (value)
        *value = bytes_cut(mapi->all, mapi->at, size);
    mapi->at += padded;
    return true;
}

static bool take_number(struct mapi *mapi, uint32_t *number)
{
    struct bytes value;
    bool good = take(mapi, 4, &value);
    *number = good ? bytes_u32(value, 0) : 0;
    return good;
}

/* The name of a property that has one. */
static bool take_name(struct mapi *mapi, struct bytes *name)
{
    uint32_t kind, size;
    if (!take(mapi, GUID_BYTES, NULL) || !take_number(mapi, &kind) || !take_number(mapi, &size))
        return false;
    /* 0: that was its number. */
    return kind == 0 || take(mapi, size, name);
}

static bool take_values(struct mapi *mapi, unsigned type, struct bytes *first)
{
    uint32_t count = 1, size = fixed_size(type);
    if (((type & MULTIPLE) || !size) && (!take_number(mapi, &count) || count > VALUES_MAX))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t length = size;
        struct bytes value;
        if ((!size && !take_number(mapi, &length)) || !take(mapi, length, &value))
            return false;
        if (!i)
            *first = value;
    }
    return true;
}

bool mapi_next(struct mapi *mapi, struct mapi_property *property_out)
{
    struct bytes head;
    if (mapi->damaged || !mapi->left)
        return false;
    mapi->left--;
    *property_out = (struct mapi_property){.value = {.at = mapi->all.at}, .name = {.at = mapi->all.at}};
    uint64_t start = mapi->at;
    bool good = take(mapi, 4, &head);
    if (good) {
        property_out->type = bytes_u16(head, 0);
        property_out->tag = bytes_u16(head, 2);
        if (property_out->tag & NAMED) {
            property_out->tag = 0;
            good = take_name(mapi, &property_out->name);
        }
    }
    mapi->damaged = !good || !take_values(mapi, property_out->type, &property_out->value);
    property_out->whole = bytes_cut(mapi->all, start, mapi->at - start);
    return !mapi->damaged;
}
