/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_PUBLIC_KEY_H
#define KHATM_BASE_PUBLIC_KEY_H

/* How strong a public key is, by OpenSSL: the base64 text of a DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7),
 * as DKIM publishes RSA keys. OpenSSL reads its settings at the first use: a process that will close its
 * sandbox calls public_key_warm before. Thread-safe. */

#include "base/result.h"

enum { PUBLIC_KEY_BASE64_MAX = 4096 };

void public_key_warm(void);
/* Of the modulus. RESULT_BAD_INPUT: no RSA key. */
enum result public_key_rsa_bits(const char *base64, unsigned *bits_out) MUST_USE;

#endif
