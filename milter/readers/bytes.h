/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_BYTES_H
#define KHATM_READERS_BYTES_H

/* Little-endian numbers in bytes that a stranger chose: a number that is not wholly inside reads as 0, and
 * whoever needs to know asks bytes_hold first. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *at;
    size_t size;
};

bool bytes_hold(struct bytes bytes, uint64_t at, uint64_t count);
/* count: at most 8. */
uint64_t bytes_little(struct bytes bytes, uint64_t at, unsigned count);
uint16_t bytes_u16(struct bytes bytes, uint64_t at);
uint32_t bytes_u32(struct bytes bytes, uint64_t at);
uint64_t bytes_u64(struct bytes bytes, uint64_t at);
/* What of [at, at + count) is there. */
struct bytes bytes_cut(struct bytes bytes, uint64_t at, uint64_t count);

#endif
