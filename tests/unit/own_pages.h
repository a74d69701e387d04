/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_OWN_PAGES_H
#define KHATM_TESTS_OWN_PAGES_H

/* What the test itself has in its memory. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* "RssAnon:", "RssFile:" of ourselves. */
static inline unsigned long own_kb(const char *name)
{
    char line[256];
    unsigned long kb = 0;
    FILE *status = fopen("/proc/self/status", "re");
    assert_non_null(status);
    while (fgets(line, sizeof line, status))
        if (strncmp(line, name, strlen(name)) == 0)
            kb = strtoul(line + strlen(name), NULL, 10);
    (void)fclose(status);
    return kb;
}

/* Reads a byte of each page of the C library's code, some 1.3 MB. */
static inline void read_code(void)
{
    char line[4096];
    volatile char byte = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) {
        char *end;
        uintptr_t from = strtoul(line, &end, 16), to = strtoul(end + 1, &end, 16);
        if (strncmp(end, " r-xp", 5) != 0 || !strstr(line, "/libc"))
            continue;
        for (; from < to; from += (uintptr_t)sysconf(_SC_PAGESIZE))
            byte = (char)(byte ^ *(const volatile char *)from); /* NOLINT(performance-no-int-to-ptr) */
    }
    (void)fclose(maps);
}

#endif
