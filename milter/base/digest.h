/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_DIGEST_H
#define KHATM_BASE_DIGEST_H

/* SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104) and random bytes, by OpenSSL. The only place that sees it for
 * these. Thread-safe; a `struct digest` belongs to one thread. Failure means a broken or memory-starved
 * OpenSSL: RESULT_TRY_LATER. */

#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BYTES = 32, DIGEST_HEX = 65 };

struct digest;

struct digest *digest_new(void);
void digest_free(struct digest *digest);
void digest_update(struct digest *digest, const void *bytes, size_t size);
/* Writes the digest and makes ready for another. Errors of earlier updates are reported here. */
enum result digest_finish(struct digest *digest, uint8_t out[DIGEST_BYTES]) MUST_USE;

enum result digest_bytes(const void *bytes, size_t size, uint8_t out[DIGEST_BYTES]) MUST_USE;
enum result digest_hmac(const void *key, size_t key_size, const void *bytes, size_t size,
                        uint8_t out[DIGEST_BYTES]) MUST_USE;
enum result random_bytes(void *out, size_t size) MUST_USE;

/* Lower case, NUL-terminated; `hex` holds 2 * size + 1 bytes. */
void hex_encode(const uint8_t *bytes, size_t size, char *hex);
/* Exactly 2 * size hexadecimal digits of either case, else RESULT_BAD_INPUT. */
enum result hex_decode(const char *hex, uint8_t *bytes, size_t size) MUST_USE;

#endif
