/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of the fuzzer of markings through the fuzzer's own function. */

#include "../fuzz/fuzz_markings.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("markings");
}
