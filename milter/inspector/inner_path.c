/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/inner_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAIL_ROOM = 24, FIRST_ROOM = 64, NUMBERS_TRIED = 8 };

static uint64_t hash(const char *text)
{
    uint64_t sum = 0xcbf29ce484222325;
    for (; *text; text++)
        sum = (sum ^ (unsigned char)*text) * 0x100000001b3;
    return sum ? sum : 1;
}

static unsigned slot_of(const struct inner_paths *paths, uint64_t sum)
{
    unsigned at = (unsigned)(sum % paths->room);
    while (paths->hashes[at] && paths->hashes[at] != sum)
        at = (at + 1) % paths->room;
    return at;
}

static bool grow(struct inner_paths *paths)
{
    struct inner_paths larger = {.n = paths->n, .room = paths->room ? paths->room * 2 : FIRST_ROOM};
    larger.hashes = calloc(larger.room, sizeof *larger.hashes);
    if (!larger.hashes)
        return false;
    for (unsigned i = 0; i < paths->room; i++)
        if (paths->hashes[i])
            larger.hashes[slot_of(&larger, paths->hashes[i])] = paths->hashes[i];
    free(paths->hashes);
    *paths = larger;
    return true;
}

/* True: it was not there. */
static bool add(struct inner_paths *paths, uint64_t sum)
{
    unsigned at = slot_of(paths, sum);
    if (paths->hashes[at])
        return false;
    paths->hashes[at] = sum;
    paths->n++;
    return true;
}

static size_t cut_at_character(const char *text, size_t size)
{
    while (size && ((unsigned char)text[size] & 0xc0) == 0x80)
        size--;
    return size;
}

/* Appends a component, cut so that a tail still fits. */
static size_t put(char path[INNER_PATH_ROOM], size_t used, const char *text)
{
    size_t size = strlen(text), room = INNER_PATH_ROOM - TAIL_ROOM;
    if (used >= room)
        return used;
    if (size > room - used)
        size = cut_at_character(text, room - used);
    memcpy(path + used, text, size);
    path[used + size] = '\0';
    return used + size;
}

static size_t put_name(char path[INNER_PATH_ROOM], size_t used, const char *name, char last[NAME_ROOM])
{
    char component[NAME_ROOM], copy[NAME_ROOM];
    for (bool first = true; *name;) {
        size_t size = strcspn(name, "/\\"), take = size < sizeof copy ? size : sizeof copy - 1;
        memcpy(copy, name, take);
        copy[take] = '\0';
        name += size + (name[size] ? 1 : 0);
        name_clean(copy, component);
        for (char *sign = component; (sign = strchr(sign, '!'));)
            *sign = '_';
        if (!component[0] || !strcmp(component, ".") || !strcmp(component, ".."))
            continue;
        if (!first)
            used = put(path, used, "/");
        used = put(path, used, component);
        memcpy(last, component, sizeof component);
        first = false;
    }
    return used;
}

bool inner_path(struct inner_paths *paths, const char *outer, const char *name,
                char path_out[INNER_PATH_ROOM], char name_out[NAME_ROOM])
{
    name_out[0] = '\0';
    if (paths->n * 2 >= paths->room && !grow(paths))
        return false;
    size_t used = put(path_out, 0, outer);
    used = put(path_out, used, "!");
    size_t start = used;
    used = put_name(path_out, used, name ? name : "", name_out);
    /* Without a name, or too deep for one, the tail is the name. */
    bool whole = used > start && used < INNER_PATH_ROOM - TAIL_ROOM;
    for (unsigned number = whole ? 0 : 1; number < UINT32_MAX; number++) {
        /* A thousand files of one name must not be counted from the start each time. */
        if (number == NUMBERS_TRIED && paths->n > NUMBERS_TRIED)
            number = paths->n;
        if (number)
            (void)snprintf(path_out + used, TAIL_ROOM, "~%u", number + whole);
        if (add(paths, hash(path_out)))
            return true;
    }
    return false;
}

void inner_paths_free(struct inner_paths *paths)
{
    free(paths->hashes);
    *paths = (struct inner_paths){0};
}
