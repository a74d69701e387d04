/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_CASES_H
#define KHATM_TESTS_CASES_H

/* Reading tests/FOLDER/NAME.cases: lines with "==>" between what is given and what is expected. Failing to
 * read is a failed test program: exit 1 with a line. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASE_ROWS_MAX = 400 };

struct case_row {
    const char *file;
    unsigned line;
    char *given, *expected; /* blanks around them taken off */
};

static inline char *case_trim(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length && (text[length - 1] == ' ' || text[length - 1] == '\t' || text[length - 1] == '\n'))
        text[--length] = '\0';
    return text;
}

static inline size_t case_read_in(const char *folder, const char *name, struct case_row *rows, size_t n,
                                  size_t most)
{
    char path[1024], *line = NULL;
    size_t room = 0;
    (void)snprintf(path, sizeof path, "%s/tests/%s/%s.cases", KHATM_SOURCE_DIR, folder, name);
    FILE *file = fopen(path, "r");
    for (unsigned number = 1; file && getline(&line, &room, file) > 0; number++) {
        char *text = case_trim(line), *arrow = strstr(text, "==>");
        if (!*text || *text == '#')
            continue;
        if (!arrow || n == most) {
            (void)fprintf(stderr, "%s:%u: no ==>, or too many rows\n", path, number);
            exit(1);
        }
        *arrow = '\0';
        rows[n++] = (struct case_row){name, number, strdup(case_trim(text)), strdup(case_trim(arrow + 3))};
    }
    free(line);
    if (!file || fclose(file) != 0) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    return n;
}

static inline size_t case_read(const char *name, struct case_row *rows, size_t n)
{
    return case_read_in("policy", name, rows, n, CASE_ROWS_MAX);
}

#endif
