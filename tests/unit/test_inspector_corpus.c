/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of the fuzzer of whole messages through the fuzzer's own function. */

#include "../fuzz/fuzz_inspector.c"

#include "corpus.h"

int main(void)
{
    return LLVMFuzzerInitialize(NULL, NULL) ? 1 : corpus_main("inspector");
}
