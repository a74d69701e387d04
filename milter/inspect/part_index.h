/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECT_PART_INDEX_H
#define KHATM_INSPECT_PART_INDEX_H

/* Finds a part by its path, among as many as a message may have. Lives in the arena; what growing leaves
 * behind is at most as much again. One thread. */

#include "inspect/findings.h"

struct part_index { /* zeroed: empty */
    uint32_t *slots;
    size_t room;
};

/* Where `path` is among the parts; n_parts: nowhere. */
size_t part_index_find(const struct part_index *index, const struct findings *findings, const void *path,
                       size_t size);
/* After part number n_parts - 1 was added. RESULT_BUG: no memory. */
enum result part_index_add(struct part_index *index, struct arena *arena,
                           const struct findings *findings) MUST_USE;

#endif
