/* SPDX-License-Identifier: Apache-2.0 */
/* The search for a revocation's time in an exported key: no crash, and never a time outside 32 bits. */
#include "sealer/revocation.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    int64_t when = revocation_time(bytes, size);
    if (when < 0 || when > UINT32_MAX)
        abort();
    return 0;
}
