/* SPDX-License-Identifier: Apache-2.0 */
/* leakscan SECRET... -- FILE...: does any run of 8 octets of a SECRET stand in one of the FILEs? Prints the
 * first one and exits 1; 0 when there is none, 2 on trouble. Encodings are the caller's business
 * (tests/support/leaks.py undoes them): comparing decoded octets keeps the odds of a chance hit at one in
 * 2^64 a pair. */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { WINDOW = 8, AHEAD = 24 /* windows to fetch from memory before they are needed */ };

struct table {
    uint64_t *slots; /* 0: empty; the all-zero window is remembered apart */
    uint64_t mask;
    int has_zero;
};

static uint64_t window_at(const unsigned char *bytes)
{
    uint64_t window;
    memcpy(&window, bytes, sizeof window);
    return window;
}

static uint64_t home_of(const struct table *table, uint64_t window)
{
    uint64_t mixed = window * UINT64_C(0x9E3779B97F4A7C15);
    return (mixed ^ (mixed >> 32)) & table->mask;
}

static uint64_t slot_of(const struct table *table, uint64_t window)
{
    uint64_t slot = home_of(table, window);
    while (table->slots[slot] != 0 && table->slots[slot] != window) {
        slot = (slot + 1) & table->mask;
    }
    return slot;
}

static int has(const struct table *table, uint64_t window)
{
    return window == 0 ? table->has_zero : table->slots[slot_of(table, window)] == window;
}

static const unsigned char *map_file(const char *path, size_t *size_out)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) < 0) {
        fprintf(stderr, "leakscan: %s: %s\n", path, strerror(errno));
        exit(2);
    }
    *size_out = (size_t)status.st_size;
    if (*size_out == 0) {
        return (const unsigned char *)"";
    }
    void *bytes = mmap(NULL, *size_out, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        fprintf(stderr, "leakscan: %s: %s\n", path, strerror(errno));
        exit(2);
    }
    return bytes;
}

static struct table new_table(size_t windows)
{
    struct table table = {0};
    uint64_t room = 1024;
    while (room < windows * 2) {
        room *= 2;
    }
    table.mask = room - 1;
    table.slots = calloc(room, sizeof *table.slots);
    if (table.slots == NULL) {
        fprintf(stderr, "leakscan: no memory\n");
        exit(2);
    }
    return table;
}

static void add(struct table *table, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i + WINDOW <= size; i++) {
        uint64_t window = window_at(bytes + i);
        if (window == 0) {
            table->has_zero = 1;
        } else {
            table->slots[slot_of(table, window)] = window;
        }
    }
}

/* Reads the secrets up to "--"; *next_out is the argument after it. */
static struct table read_secrets(int argc, char *argv[], int *next_out)
{
    size_t total = 0, size;
    int end = 1;
    for (; end < argc && strcmp(argv[end], "--") != 0; end++) {
        (void)map_file(argv[end], &size);
        if (size < WINDOW) {
            fprintf(stderr, "leakscan: %s: a secret of less than %d octets proves nothing\n", argv[end],
                    WINDOW);
            exit(2);
        }
        total += size;
    }
    struct table table = new_table(total);
    for (int n = 1; n < end; n++) {
        const unsigned char *bytes = map_file(argv[n], &size);
        add(&table, bytes, size);
    }
    *next_out = end + 1;
    return table;
}

int main(int argc, char *argv[])
{
    int n;
    struct table table = read_secrets(argc, argv, &n);
    if (n < 3 || n >= argc) {
        fprintf(stderr, "usage: leakscan SECRET... -- FILE...\n");
        return 2;
    }
    for (; n < argc; n++) {
        size_t size;
        const unsigned char *bytes = map_file(argv[n], &size);
        for (size_t i = 0; i + WINDOW <= size; i++) {
            if (i + AHEAD + WINDOW <= size) {
                __builtin_prefetch(&table.slots[home_of(&table, window_at(bytes + i + AHEAD))]);
            }
            if (has(&table, window_at(bytes + i))) {
                printf("%s: offset %zu: %.*s\n", argv[n], i, WINDOW, (const char *)bytes + i);
                return 1;
            }
        }
    }
    free(table.slots);
    return 0;
}
