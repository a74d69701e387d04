/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of fuzz_sieve.c through the fuzzer's own function. */

#include "../fuzz/fuzz_sieve.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("sieve");
}
