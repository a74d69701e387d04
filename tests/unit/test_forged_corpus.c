/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of the fuzzer of forged Authentication-Results fields through the fuzzer's own function. */

#include "../fuzz/fuzz_forged.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("forged");
}
