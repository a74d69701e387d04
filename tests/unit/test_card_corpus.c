/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of the fuzzer of pictures and cards through the fuzzer's own function. */

#include "../fuzz/fuzz_card.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("card");
}
