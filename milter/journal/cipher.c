/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/cipher.h"

#include <stdatomic.h>
#include <stddef.h>

static const char *const names[CIPHERS] = {
    [CIPHER_AES_256_GCM] = "AES-256-GCM", [CIPHER_AES_256_ECB] = "AES-256-ECB"};
static EVP_CIPHER *_Atomic known[CIPHERS];

const EVP_CIPHER *cipher_get(enum cipher cipher)
{
    EVP_CIPHER *found = atomic_load(&known[cipher]), *nothing = NULL;
    if (found)
        return found;
    found = EVP_CIPHER_fetch(NULL, names[cipher], NULL);
    if (!found || atomic_compare_exchange_strong(&known[cipher], &nothing, found))
        return found;
    /* Another thread was faster. */
    EVP_CIPHER_free(found);
    return nothing;
}
