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

enum { LINE_ROOM = 4096, FILE_ROOM = 64, SEGMENTS_MAX = 16 };

struct mapping {
    uintptr_t from, to;
    bool private_file;    /* private, not to be written to, of a file */
    char file[FILE_ROOM]; /* its name without folders, cut */
};

/* Read again and again by a library that does not tell where it is. Empty: none. */
static struct mapping kept;

/* A line of smaps(5) that begins a mapping: ADDRESS-ADDRESS PERMISSIONS OFFSET DEVICE INODE PATH. False: it
 * is another one. */
static bool read_mapping(const char *line, struct mapping *mapping)
{
    char *end;
    uintptr_t from = strtoul(line, &end, 16);
    if (end == line || *end != '-')
        return false;
    uintptr_t to = strtoul(end + 1, &end, 16);
    const char *name = strrchr(end, '/');
    *mapping = (struct mapping){.from = from, .to = to};
    mapping->private_file = strncmp(end, " r-", 3) == 0 && end[4] == 'p' && name;
    if (name)
        (void)snprintf(mapping->file, sizeof mapping->file, "%.*s", (int)strcspn(name + 1, "\n"), name + 1);
    return true;
}

static void give_back(const struct mapping *mapping, const char *name)
{
    (void)name;
    (void)madvise((void *)mapping->from, mapping->to - mapping->from, MADV_DONTNEED);
}

static void keep(const struct mapping *mapping, const char *name)
{
    if (strcmp(mapping->file, name) == 0)
        kept = *mapping;
}

/* What was read of files and nothing else: a mapping that holds pages of its own has been written to, and
 * would lose what was written. */
static void each_only_read(void (*take)(const struct mapping *mapping, const char *name), const char *name)
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
            take(&mapping, name);
    }
    (void)fclose(smaps);
}

void pages_hand_back(void)
{
    each_only_read(give_back, NULL);
}

void pages_keep(const char *file)
{
    kept = (struct mapping){0};
    if (file)
        each_only_read(keep, file);
}

/* The linker holds its list meanwhile, so that no library leaves and something else takes its place. Segments
 * that may be written to hold what was relocated. The list of segments lies in one of them: it is read to its
 * end before any goes. */
static int give_back_object(struct dl_phdr_info *object, size_t size, void *context)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct mapping parts[SEGMENTS_MAX];
    size_t n = 0;
    (void)size;
    (void)context;
    for (size_t i = 0; i < object->dlpi_phnum && n < SEGMENTS_MAX; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        uintptr_t from = (object->dlpi_addr + part->p_vaddr) & ~(page - 1);
        uintptr_t to = object->dlpi_addr + part->p_vaddr + part->p_filesz;
        if (part->p_type == PT_LOAD && !(part->p_flags & PF_W) && to > from)
            parts[n++] = (struct mapping){.from = from, .to = to};
    }
    while (n)
        give_back(&parts[--n], NULL);
    return 0;
}

void pages_rest(void)
{
    (void)malloc_trim(0);
    (void)dl_iterate_phdr(give_back_object, NULL);
    if (kept.to)
        give_back(&kept, NULL);
}

void pages_rest_beside(uint64_t bytes)
{
    if (bytes >= PAGES_LARGE_BYTES)
        pages_rest();
}
