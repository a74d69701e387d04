/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of gpg's output. Whatever the bytes and however they are cut: no crash, the same answer, and
 * what passes fails once anything is cut off its end or put behind it. */
#include "sealer/openpgp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static enum result judge(struct openpgp *scan, const uint8_t *bytes, size_t size, size_t piece)
{
    struct problem problem;
    openpgp_begin(scan);
    for (size_t at = 0; at < size; at += piece)
        (void)openpgp_feed(scan, bytes + at, size - at < piece ? size - at : piece);
    return openpgp_end(scan, &problem);
}

static void insist(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct openpgp *scan = openpgp_new();
    if (!scan)
        return 0;
    enum result result = judge(scan, bytes, size, size ? size : 1);
    size_t n = 0;
    (void)openpgp_key_ids(scan, &n);
    insist(n <= OPENPGP_RECIPIENTS_MAX && openpgp_data_size(scan) <= size);
    insist(judge(scan, bytes, size, 1) == result);
    insist(judge(scan, bytes, size, 1 + size % 61) == result);
    if (result == RESULT_OK) {
        insist(n > 0);
        insist(openpgp_feed(scan, bytes, 1) == 0);
        insist(judge(scan, bytes, size - 1, size) != RESULT_OK);
    }
    openpgp_free(scan);
    return 0;
}
