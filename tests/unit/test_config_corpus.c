/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of the fuzzer of the administrator's files through the fuzzer's own function. */

#include "../fuzz/fuzz_config.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("config");
}
