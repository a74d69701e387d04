/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_FOLD_TABLE_H
#define KHATM_POLICY_FOLD_TABLE_H

/* The block of bytes behind policy/fold.h; private to fold.c and fold_make.c. The header is followed by
 * n_entries entries, a FOLD_BLOCK for each number in `blocks`, and n_pool characters. Block 0 is of letters
 * that stay as they are, block 1 of marks that do. An entry is value | what << 21 | class << 23 | latin
 * << 25. */

#include "policy/fold.h"

enum { FOLD_MAGIC = 0x464f4c31, FOLD_VALUE_BITS = 21, FOLD_VALUE_MASK = (1 << FOLD_VALUE_BITS) - 1 };
/* Of a FOLD_MANY, the value is an index into the pool: the count, then so many characters. */
enum fold_what { FOLD_SAME, FOLD_ONE, FOLD_MANY, FOLD_DROP };
enum { FOLD_WHAT_SHIFT = 21, FOLD_CLASS_SHIFT = 23, FOLD_LATIN_SHIFT = 25 };

struct fold {
    uint32_t magic, n_entries, n_pool;
    uint16_t blocks[FOLD_BLOCKS];
    uint32_t data[]; /* entries, then pool */
};

#endif
