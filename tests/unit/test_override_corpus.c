/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of fuzz_override.c, and what it once found, through the fuzzer's own function. */

#include "../fuzz/fuzz_override.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("override");
}
