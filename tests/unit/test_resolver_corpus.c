/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of the fuzzer of DNS answers, and what it once found, through the fuzzer's own function. */

#include "../fuzz/fuzz_dns_answer.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("dns_answer");
}
