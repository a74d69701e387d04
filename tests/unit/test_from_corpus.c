/* SPDX-License-Identifier: Apache-2.0 */

/* The From reader fuzzer's corpus, and what it once found, through the fuzzer's own function. */

#include "../fuzz/fuzz_from.c"

#include "corpus.h"

int main(void)
{
    return LLVMFuzzerInitialize(NULL, NULL) ? 1 : corpus_main("from");
}
