/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_SHA1_H
#define KHATM_BASE_SHA1_H

/* SHA-1 (FIPS 180-4), where a format demands it as a name; nothing here rests on it being hard to collide.
 * Thread-safe. RESULT_TRY_LATER: a broken or memory-starved OpenSSL. */

#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

enum { SHA1_BYTES = 20 };

enum result sha1_bytes(const void *bytes, size_t size, uint8_t out[SHA1_BYTES]) MUST_USE;

#endif
