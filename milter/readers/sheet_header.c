/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/sheet_header.h"

#include <string.h>

enum { COLOUR_DIGITS = 6 };

/* Behind a code that starts at `at`, where '&' was. */
static const char *after_code(const char *at)
{
    if (*at == '"') {
        at += strcspn(at + 1, "\"") + 1;
        return *at ? at + 1 : at;
    }
    if (*at >= '0' && *at <= '9')
        return at + strspn(at, "0123456789");
    if (*at == 'K')
        return at + 1 + strnlen(at + 1, COLOUR_DIGITS);
    return *at ? at + 1 : at;
}

void sheet_header_show(struct reading *reading, enum text_place place, const char *utf8)
{
    bool more = true;
    while (*utf8 && more) {
        size_t plain = strcspn(utf8, "&");
        if (plain)
            more = reading_text(reading, place, utf8, plain);
        utf8 += plain;
        if (!*utf8)
            break;
        utf8++;
        if (*utf8 == '&')
            more = more && reading_text(reading, place, "&", 1);
        else if (*utf8 == 'L' || *utf8 == 'C' || *utf8 == 'R')
            more = more && reading_text(reading, place, "\n", 1);
        utf8 = after_code(utf8);
    }
    if (more)
        (void)reading_text(reading, place, "\n", 1);
}
