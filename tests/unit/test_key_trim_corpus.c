/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of fuzz_key_trim.c, and what it once found, through the fuzzer's own function. */

#include "../fuzz/fuzz_key_trim.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("key_trim");
}
