/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/part_index.h"

#include <string.h>

enum { ROOM_FIRST = 16 }; /* a power of two, as all that follow */

static uint64_t hash(const uint8_t *bytes, size_t size)
{
    uint64_t sum = 0xcbf29ce484222325;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ bytes[i]) * 0x100000001b3;
    return sum ^ sum >> 32;
}

/* The slot of this path, or the free one where it belongs. A slot holds the part's number plus one. */
static size_t slot_of(const struct part_index *index, const struct findings *findings, const void *path,
                      size_t size)
{
    size_t at = (size_t)hash(path, size) & (index->room - 1);
    while (index->slots[at]) {
        const char *known = findings->parts[index->slots[at] - 1].path;
        if (strlen(known) == size && !memcmp(known, path, size))
            break;
        at = (at + 1) & (index->room - 1);
    }
    return at;
}

size_t part_index_find(const struct part_index *index, const struct findings *findings, const void *path,
                       size_t size)
{
    if (!index->room)
        return findings->n_parts;
    uint32_t number = index->slots[slot_of(index, findings, path, size)];
    return number ? number - 1 : findings->n_parts;
}

static void put(struct part_index *index, const struct findings *findings, size_t part)
{
    const char *path = findings->parts[part].path;
    index->slots[slot_of(index, findings, path, strlen(path))] = (uint32_t)part + 1;
}

enum result part_index_add(struct part_index *index, struct arena *arena, const struct findings *findings)
{
    if (findings->n_parts * 2 <= index->room) {
        put(index, findings, findings->n_parts - 1);
        return RESULT_OK;
    }
    struct part_index larger = {.room = index->room ? index->room * 2 : ROOM_FIRST};
    larger.slots = arena_alloc(arena, larger.room, sizeof *larger.slots);
    if (!larger.slots)
        return RESULT_BUG;
    for (size_t i = 0; i < findings->n_parts; i++)
        put(&larger, findings, i);
    *index = larger;
    return RESULT_OK;
}
