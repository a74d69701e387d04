/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/printer.h"

#include <string.h>

/* A spreadsheet takes a cell that starts with one of these for a formula; the apostrophe makes it text. */
static const char formula_starts[] = "=+-@";

static void put_cell(FILE *out, const char *text)
{
    struct buffer safe;
    buffer_init(&safe, 0);
    printer_safe(&safe, text, SIZE_MAX);
    const char *cell = text ? buffer_text(&safe) : "";
    bool is_formula = *cell && strchr(formula_starts, *cell);
    bool quoted = is_formula || strpbrk(cell, "\",;'") || *cell == ' ';
    if (quoted)
        (void)fputc('"', out);
    if (is_formula)
        (void)fputc('\'', out);
    for (; *cell; cell++) {
        if (*cell == '"')
            (void)fputc('"', out);
        (void)fputc(*cell, out);
    }
    if (quoted)
        (void)fputc('"', out);
    buffer_free(&safe);
}

void printer_csv(FILE *out, const char *const *cells, size_t n_cells)
{
    for (size_t i = 0; i < n_cells; i++) {
        if (i)
            (void)fputc(',', out);
        put_cell(out, cells[i]);
    }
    (void)fputs("\r\n", out);
}
