/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <errno.h>
#include <openssl/hmac.h>
#include <sys/random.h>

enum result digest_hmac(const void *key, size_t key_size, const void *bytes, size_t size,
                        uint8_t out[DIGEST_BYTES])
{
    unsigned length = 0;
    const unsigned char *done = HMAC(EVP_sha256(), key, (int)key_size, bytes, size, out, &length);
    return done && length == DIGEST_BYTES ? RESULT_OK : RESULT_TRY_LATER;
}

/* OpenSSL seeds a generator for each thread, and a connection is a thread: a tenth of what khatmd does for a
 * small message. The kernel has one for all. */
enum result random_bytes(void *out, size_t size)
{
    uint8_t *at = out;
    while (size) {
        ssize_t got = getrandom(at, size, 0);
        if (got < 0 && errno != EINTR)
            return RESULT_TRY_LATER;
        at += got > 0 ? got : 0;
        size -= got > 0 ? (size_t)got : 0;
    }
    return RESULT_OK;
}
