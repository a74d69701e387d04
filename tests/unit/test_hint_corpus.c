/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of the fuzzer of hints at documents through the fuzzer's own function. */

#include "../fuzz/fuzz_hint.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("hint");
}
