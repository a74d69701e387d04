/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of fuzz_cms.c, and what it once found, through the fuzzer's own function. */

#include "../fuzz/fuzz_cms.c"

#include "corpus.h"

int main(void)
{
    (void)LLVMFuzzerInitialize(NULL, NULL);
    return corpus_main("cms");
}
