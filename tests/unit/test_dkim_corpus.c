/* SPDX-License-Identifier: Apache-2.0 */

/* The DKIM fuzzer's corpus, and what it once found, through the fuzzer's own function. */

#include "../fuzz/fuzz_dkim.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("dkim");
}
