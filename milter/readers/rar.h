/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_RAR_H
#define KHATM_READERS_RAR_H

/* The chain of blocks of a RAR file (technote of RAR 4, "RAR 5.0 archive format"), which libarchive walks
 * through without telling where it ends or that its names are encrypted. */

#include "readers/bytes.h"

struct rar {
    bool is_five;
    bool locked;     /* even the names are encrypted */
    uint64_t end_at; /* behind the block that says it is the last, or where the chain breaks */
};

struct rar rar_look(struct bytes bytes);

#endif
