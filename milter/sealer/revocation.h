/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_REVOCATION_H
#define KHATM_SEALER_REVOCATION_H

/* When a key was revoked: gpg knows, but GPGME does not tell. Reads the creation time of the key revocation
 * signatures (type 0x20, RFC 4880, 5.2.1) in an exported key. Only for words in a refusal: whether the key is
 * revoked is gpg's verdict, which checked the signature when the key was taken in; nothing is verified here.
 */

#include <stddef.h>
#include <stdint.h>

/* Seconds since 1970 of the earliest one; 0: none found, or the bytes make no sense. */
int64_t revocation_time(const uint8_t *key, size_t size);

#endif
