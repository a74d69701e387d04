/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_CORPUS_H
#define KHATM_TESTS_CORPUS_H

/* Every file of tests/corpus/fuzz/NAME given to the LLVMFuzzerTestOneInput that was included before, which
 * aborts on what must not be. Included by one file of a program. */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CORPUS_FILE_MAX = 4 * 1024 * 1024, CORPUS_FILES_MIN = 5 };

static const char *corpus_name;

static size_t corpus_run_file(const char *folder, const char *name)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(CORPUS_FILE_MAX);
    assert_non_null(file);
    assert_non_null(bytes);
    size_t size = fread(bytes, 1, CORPUS_FILE_MAX, file);
    (void)fclose(file);
    /* Of the exact size, so that a sanitizer sees a read behind it. */
    uint8_t *exact = realloc(bytes, size ? size : 1);
    assert_non_null(exact);
    assert_int_equal(LLVMFuzzerTestOneInput(exact, size), 0);
    free(exact);
    return 1;
}

static void corpus_is_survived(void **state)
{
    char folder[512];
    size_t files = 0;
    (void)snprintf(folder, sizeof folder, "%s/tests/corpus/fuzz/%s", KHATM_SOURCE_DIR, corpus_name);
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.')
            files += corpus_run_file(folder, entry->d_name);
    (void)closedir(directory);
    assert_true(files >= CORPUS_FILES_MIN);
}

static int corpus_main(const char *name)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(corpus_is_survived)};
    corpus_name = name;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
