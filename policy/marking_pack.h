/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_MARKING_PACK_H
#define KHATM_POLICY_MARKING_PACK_H

/* The fold table and the files of policy/markings in one block of bytes: what a configuration has read and
 * found good is what the sandboxed programs get, whatever stands in the files by then. Both ends are of one
 * build. Pure. */

#include "policy/fold.h"
#include "policy/marking_tables.h"

enum { MARKING_PACK_MAX = 8 * 1024 * 1024 };

struct marking_text {
    const char *text;
    size_t size;
};

/* malloc'ed. */
enum policy_status marking_pack(const struct fold *fold, size_t fold_size,
                                const struct marking_text texts[MARKING_FILES], void **bytes_out,
                                size_t *size_out) POLICY_MUST_USE;
/* *fold_out borrows from the bytes, which are aligned as malloc does. False: no such block. The tables are
 * the caller's. */
bool marking_unpack(const void *bytes, size_t size, const struct fold **fold_out,
                    struct marking_tables **tables_out) POLICY_MUST_USE;

#endif
