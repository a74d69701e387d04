/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/pages.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE_ROOM = 4096 };

struct mapping {
    uintptr_t from, to;
    bool private_file; /* private, not to be written to, of a file */
};

/* A line of smaps(5) that begins a mapping: ADDRESS-ADDRESS PERMISSIONS OFFSET DEVICE INODE PATH. False: it
 * is another one. */
static bool read_mapping(const char *line, struct mapping *mapping)
{
    char *end;
    uintptr_t from = strtoul(line, &end, 16);
    if (end == line || *end != '-')
        return false;
    uintptr_t to = strtoul(end + 1, &end, 16);
    *mapping = (struct mapping){.from = from, .to = to};
    mapping->private_file = strncmp(end, " r-", 3) == 0 && end[4] == 'p' && strchr(end, '/');
    return true;
}

/* One that holds pages of its own has been written to, and would lose what was written. */
void pages_hand_back(void)
{
    static const char own[] = "Anonymous:";
    char line[LINE_ROOM];
    struct mapping mapping = {0};
    FILE *smaps = fopen("/proc/self/smaps", "re");
    if (!smaps)
        return;
    while (fgets(line, sizeof line, smaps)) {
        if (read_mapping(line, &mapping) || strncmp(line, own, sizeof own - 1) != 0)
            continue;
        if (mapping.private_file && strtoul(line + sizeof own - 1, NULL, 10) == 0)
            (void)madvise((void *)mapping.from, mapping.to - mapping.from, MADV_DONTNEED);
    }
    (void)fclose(smaps);
}
