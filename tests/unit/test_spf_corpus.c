/* SPDX-License-Identifier: Apache-2.0 */

/* The SPF fuzzer's corpus, and what it once found, through the fuzzer's own function. */

#include "../fuzz/fuzz_spf.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("spf");
}
