/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JOURNAL_CIPHER_H
#define KHATM_JOURNAL_CIPHER_H

/* OpenSSL's ciphers, looked up once in the process: OpenSSL 3 goes through its providers for a cipher each
 * time that one is named by its old function. Internal to the journal. Thread-safe. */

#include <openssl/evp.h>

enum cipher { CIPHER_AES_256_GCM, CIPHER_AES_256_ECB, CIPHERS };

/* For the life of the process. NULL: no memory, or an OpenSSL without it; worth asking again. */
const EVP_CIPHER *cipher_get(enum cipher cipher);

#endif
