/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/html_css.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

enum { ESCAPE_DIGITS = 6 };

struct sheet {
    const char *at, *end;
    char *out;
    bool shows; /* in a declaration whose strings are text */
};

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void put_code(struct sheet *sheet, unsigned code)
{
    if (code < 0x80)
        *sheet->out++ = (char)code;
    else if (code < 0x800) {
        *sheet->out++ = (char)(0xc0 | code >> 6);
        *sheet->out++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *sheet->out++ = (char)(0xe0 | code >> 12);
        *sheet->out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *sheet->out++ = (char)(0x80 | (code & 0x3f));
    }
}

/* Behind "\". What is written takes no more room than its escape, but for those of one digit. */
static void read_escape(struct sheet *sheet)
{
    unsigned code = 0, digits = 0;
    for (; sheet->at < sheet->end && digits < ESCAPE_DIGITS && hex(*sheet->at) >= 0; digits++)
        code = code << 4 | (unsigned)hex(*sheet->at++);
    if (!digits && sheet->at < sheet->end)
        *sheet->out++ = *sheet->at++;
    if (digits && sheet->at < sheet->end && *sheet->at == ' ')
        sheet->at++;
    if (digits)
        put_code(sheet, code);
}

static void read_string(struct sheet *sheet, char quote)
{
    char *start = sheet->out;
    while (sheet->at < sheet->end && *sheet->at != quote) {
        char c = *sheet->at++;
        if (c == '\\')
            read_escape(sheet);
        else
            *sheet->out++ = c;
    }
    sheet->at += sheet->at < sheet->end;
    *sheet->out++ = '\n';
    if (!sheet->shows)
        sheet->out = start;
}

static void read_comment(struct sheet *sheet)
{
    const char *start = sheet->at, *close = memmem(start, (size_t)(sheet->end - start), "*/", 2);
    size_t size = (size_t)((close ? close : sheet->end) - start);
    memcpy(sheet->out, start, size);
    sheet->out += size;
    *sheet->out++ = '\n';
    sheet->at = close ? close + 2 : sheet->end;
}

/* At the start of a name. */
static bool begins_text(const char *at, const char *end)
{
    static const char content[] = "content";
    return (end - at > 2 && at[0] == '-' && at[1] == '-') ||
           ((size_t)(end - at) > sizeof content - 1 && text_starts_nocase(at, content));
}

size_t html_css_text(const char *css, size_t size, char *out)
{
    struct sheet sheet = {.at = css, .end = css + size, .out = out};
    bool name = true; /* a declaration may begin here */
    while (sheet.at < sheet.end) {
        char c = *sheet.at;
        if (name && begins_text(sheet.at, sheet.end))
            sheet.shows = true;
        sheet.at++;
        if (c == ';' || c == '{' || c == '}')
            sheet.shows = false;
        if (c == '"' || c == '\'')
            read_string(&sheet, c);
        else if (c == '/' && sheet.at < sheet.end && *sheet.at == '*') {
            sheet.at++;
            read_comment(&sheet);
        }
        name = c == ';' || c == '{' || c == '}' || (name && strchr(" \t\r\n", c));
    }
    return (size_t)(sheet.out - out);
}
