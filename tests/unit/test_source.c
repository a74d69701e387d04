/* SPDX-License-Identifier: Apache-2.0 */

/* A message in a file comes in the same lines as one in memory, wherever steps and windows end. */

#include "inspector/source.h"

#include "base/fd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

enum { LINES = 3 };

/* Lines of these lengths, one after the other, again and again. */
static const struct row {
    const char *name;
    size_t total, lengths[LINES];
} rows[] = {
    {"short lines", 40000, {0, 70, 76}},
    {"lines of a step, less one", 200000, {SOURCE_STEP - 1, 3, 0}},
    {"lines of a step", 200000, {SOURCE_STEP, 1, 5}},
    {"lines of a step and one", 200000, {SOURCE_STEP + 1, 0, 9}},
    {"lines of a window, less one", 250000, {SOURCE_WINDOW - 1, 2, 0}},
    {"lines of a window", 250000, {SOURCE_WINDOW, 2, 0}},
    {"lines of a window and one", 250000, {SOURCE_WINDOW + 1, 2, 0}},
    {"a large message", SOURCE_SMALL + 90000, {SOURCE_WINDOW + 5, SOURCE_STEP - 2, 30}},
    {"one line", SOURCE_SMALL, {SOURCE_SMALL, 0, 0}},
};

static char *make(const struct row *row)
{
    char *bytes = malloc(row->total);
    assert_non_null(bytes);
    for (size_t at = 0, k = 0, left = row->lengths[0]; at < row->total; at++) {
        bytes[at] = left ? (char)('a' + at % 26) : '\n';
        if (!left)
            k++;
        left = left ? left - 1 : row->lengths[k % LINES];
    }
    return bytes;
}

static void same_lines_from_a_file(void **state)
{
    struct source *file = malloc(sizeof *file), *memory = malloc(sizeof *memory);
    (void)state;
    assert_non_null(file);
    assert_non_null(memory);
    for (const struct row *row = rows; row < rows + sizeof rows / sizeof *rows; row++) {
        char *bytes = make(row);
        struct source_line a = {.ends = true}, b = {.ends = true};
        uint64_t at_a = 0, at_b = 0;
        int fd = memfd_create("message", MFD_CLOEXEC);
        assert_int_equal(fd_write_all(fd, bytes, row->total), RESULT_OK);
        source_open(file, fd, row->total);
        source_open_memory(memory, bytes, row->total);
        bool more;
        do {
            more = source_next_line(memory, &at_b, &b);
            if (source_next_line(file, &at_a, &a) != more)
                fail_msg("%s: the file ends elsewhere", row->name);
            if (more && (a.at != b.at || a.size != b.size || a.starts != b.starts || a.ends != b.ends ||
                         memcmp(a.text, b.text, a.size) != 0))
                fail_msg("%s: another line at %llu", row->name, (unsigned long long)b.at);
        } while (more);
        assert_int_equal(at_a, row->total);
        assert_false(file->failed);
        fd_close(&fd);
        free(bytes);
    }
    free(file);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_lines_from_a_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
