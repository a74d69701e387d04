/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/text_files.h"

#include "base/text.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "{\rtf1\ansi": words about RTF stop before the second control word. */
static bool holds_rtf(const char *line, size_t size)
{
    const char *end = line + size, *at = text_find(line, size, "{\\rtf", 5, 0);
    if (!at)
        return false;
    for (at += 5; at < end && is_digit(*at);)
        at++;
    return end - at >= 2 && at[0] == '\\' && at[1] >= 'a' && at[1] <= 'z';
}

/* "%PDF-1.4", and from there on "1 0 obj" at the start of a line or behind something else. */
static bool holds_pdf(struct text_files *files, const char *line, size_t size)
{
    const char *at = files->pdf ? line : text_find(line, size, "%PDF-", 5, 0), *end = line + size;
    if (!at)
        return false;
    files->pdf |= end - at >= 8 && is_digit(at[5]) && at[6] == '.' && is_digit(at[7]);
    if (!files->pdf)
        return false;
    while ((at = memmem(at, (size_t)(end - at), " obj", 4)) != NULL) {
        if (at - line >= 3 && is_digit(at[-1]) && at[-2] == ' ' && is_digit(at[-3]))
            return true;
        at += 4;
    }
    return false;
}

static bool holds_office_xml(const char *line, size_t size)
{
    static const char *const roots[] = {"<office:document ", "<pkg:package ", "<w:wordDocument "};
    if (!text_find(line, size, " xmlns:", 7, 1))
        return false;
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (memmem(line, size, roots[i], strlen(roots[i])))
            return true;
    return false;
}

static bool is_postscript(const char *line, size_t size)
{
    return size >= 2 && line[0] == '%' && line[1] == '!' &&
           (size == 2 || (size >= 4 && !memcmp(line + 2, "PS", 2)));
}

const char *text_files_line(struct text_files *files, const char *line, size_t size)
{
    if (holds_rtf(line, size))
        return "an RTF file in the text";
    if (holds_pdf(files, line, size))
        return "a PDF file in the text";
    if (holds_office_xml(line, size))
        return "an office file in the text";
    return is_postscript(line, size) ? "a PostScript file in the text" : NULL;
}
