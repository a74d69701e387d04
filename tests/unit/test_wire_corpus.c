/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of the fuzzer of frames through the fuzzer's own function. */

#include "../fuzz/fuzz_wire.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("wire");
}
