/* SPDX-License-Identifier: Apache-2.0 */

/* What a process hands back of the files it has mapped, and what it must not. */

#include "helper/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { BYTES = 1024 * 1024 };

static int file_of(char letter)
{
    char path[] = "/tmp/khatm-test-pages-XXXXXX", *bytes = malloc(BYTES);
    int fd = mkstemp(path);
    assert_true(fd >= 0 && bytes);
    (void)unlink(path);
    memset(bytes, letter, BYTES);
    assert_int_equal(write(fd, bytes, BYTES), BYTES);
    free(bytes);
    return fd;
}

static char *map(int protection, int flags)
{
    int fd = file_of('a');
    char *bytes = mmap(NULL, BYTES, protection, flags, fd, 0);
    assert_true(bytes != MAP_FAILED);
    (void)close(fd);
    return bytes;
}

static bool all_are(const char *bytes, char letter)
{
    for (size_t i = 0; i < BYTES; i++)
        if (bytes[i] != letter)
            return false;
    return true;
}

/* The kB of a mapping that are in our memory. */
static unsigned long held_kb(const char *bytes)
{
    char line[4096], start[32];
    unsigned long kb = 0;
    bool here = false;
    FILE *smaps = fopen("/proc/self/smaps", "re");
    assert_non_null(smaps);
    (void)snprintf(start, sizeof start, "%lx-", (unsigned long)(uintptr_t)bytes);
    while (fgets(line, sizeof line, smaps)) {
        if (strncmp(line, start, strlen(start)) == 0)
            here = true;
        else if (here && strncmp(line, "Rss:", 4) == 0) {
            kb = strtoul(line + 4, NULL, 10);
            break;
        }
    }
    (void)fclose(smaps);
    return kb;
}

static void what_was_only_read_is_handed_back(void **state)
{
    char *bytes = map(PROT_READ, MAP_PRIVATE);
    (void)state;
    assert_true(all_are(bytes, 'a'));
    assert_int_equal(held_kb(bytes), BYTES / 1024);
    pages_hand_back();
    assert_int_equal(held_kb(bytes), 0);
    assert_true(all_are(bytes, 'a'));
    (void)munmap(bytes, BYTES);
}

/* As relocated constants of programs are, and tables that a library sorts before it protects them. */
static void what_was_written_stays(void **state)
{
    char *bytes = map(PROT_READ | PROT_WRITE, MAP_PRIVATE);
    (void)state;
    memset(bytes, 'b', BYTES);
    assert_int_equal(mprotect(bytes, BYTES, PROT_READ), 0);
    pages_hand_back();
    assert_true(all_are(bytes, 'b'));
    (void)munmap(bytes, BYTES);
}

static void one_page_that_was_written_keeps_them_all(void **state)
{
    char *bytes = map(PROT_READ | PROT_WRITE, MAP_PRIVATE);
    (void)state;
    bytes[BYTES / 2] = 'b';
    assert_int_equal(mprotect(bytes, BYTES, PROT_READ), 0);
    pages_hand_back();
    assert_int_equal(bytes[BYTES / 2], 'b');
    (void)munmap(bytes, BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_only_read_is_handed_back),
        cmocka_unit_test(what_was_written_stays),
        cmocka_unit_test(one_page_that_was_written_keeps_them_all),
    };
    return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
