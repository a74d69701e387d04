/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/pages.h"

#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* The linker holds its list meanwhile, so that no library leaves and something else takes its place. Segments
 * that may be written to hold what was relocated. */
static int give_back_object(struct dl_phdr_info *object, size_t size, void *context)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    (void)size;
    (void)context;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        uintptr_t from = (object->dlpi_addr + part->p_vaddr) & ~(page - 1);
        uintptr_t to = object->dlpi_addr + part->p_vaddr + part->p_filesz;
        if (part->p_type == PT_LOAD && !(part->p_flags & PF_W) && to > from)
            (void)madvise((void *)from, to - from, MADV_DONTNEED);
    }
    return 0;
}

void pages_rest(void)
{
    (void)malloc_trim(0);
    (void)dl_iterate_phdr(give_back_object, NULL);
}
