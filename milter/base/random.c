/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <errno.h>
#include <sys/random.h>

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
