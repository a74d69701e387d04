/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of the fuzzer of tickets through the fuzzer's own function. */

#include "../fuzz/fuzz_ticket.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("ticket");
}
