/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_SPAN_H
#define KHATM_SEALER_SPAN_H

/* A run of bytes that belongs to somebody else. */

#include <stddef.h>
#include <stdint.h>

struct span {
    const uint8_t *bytes;
    size_t size;
};

#endif
