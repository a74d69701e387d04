/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/normal.h"

enum result normal_prepare(struct problem *problem)
{
    (void)problem;
    return RESULT_OK;
}

size_t normal_line(const char *line, size_t size, char *out, size_t room)
{
    size_t used = 0;
    for (size_t i = 0; i < size && used + 1 < room; i++) {
        char c = line[i];
        if (c == ' ' || c == '\t') {
            if (used && out[used - 1] != ' ')
                out[used++] = ' ';
        } else
            out[used++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    while (used && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
    return used;
}
