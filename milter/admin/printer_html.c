/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/printer.h"

#include <string.h>

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void put(FILE *out, const char *text, const char *breaks)
{
    struct buffer safe;
    buffer_init(&safe, 0);
    printer_safe(&safe, text, SIZE_MAX);
    for (const char *at = buffer_text(&safe); *at; at++) {
        const char *instead = entity(*at);
        if (instead)
            (void)fputs(instead, out);
        else
            (void)fputc(*at, out);
        if (at[1] && strchr(breaks, *at))
            (void)fputs("<wbr>", out);
    }
    buffer_free(&safe);
}

void printer_html(FILE *out, const char *text)
{
    put(out, text, "");
}

void printer_html_breakable(FILE *out, const char *text)
{
    put(out, text, "./@");
}
