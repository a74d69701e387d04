/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_MAPI_H
#define KHATM_READERS_MAPI_H

/* Properties of MAPI as TNEF packs them ([MS-OXTNEF] 2.1.3.4). Pure. */

#include "readers/bytes.h"

enum mapi_tag {
    MAPI_SUBJECT = 0x0037,
    MAPI_BODY = 0x1000,
    MAPI_RTF = 0x1009,
    MAPI_HTML = 0x1013,
    MAPI_ATTACHED = 0x3701,
    MAPI_SHORT_NAME = 0x3704,
    MAPI_LONG_NAME = 0x3707,
    MAPI_CODEPAGE = 0x3fde, /* of HTML */
};

enum mapi_type {
    MAPI_NUMBER = 0x0003,
    MAPI_OBJECT = 0x000d,
    MAPI_STRING = 0x001e,
    MAPI_UNICODE = 0x001f,
    MAPI_BINARY = 0x0102,
};

struct mapi_property {
    unsigned tag, type;
    struct bytes value; /* of the first value; a number's 4 bytes */
    struct bytes name;  /* UTF-16; empty: a tag */
    struct bytes whole; /* with all values */
};

struct mapi {
    struct bytes all;
    uint64_t at;
    uint32_t left;
    bool damaged;
};

void mapi_open(struct mapi *mapi, struct bytes all);
/* False after the last, or when the rest makes no sense (`damaged`). Properties with names of their own have
 * tag 0. */
bool mapi_next(struct mapi *mapi, struct mapi_property *property_out);

#endif
