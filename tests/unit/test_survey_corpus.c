/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of the survey's fuzzer, and what it once found, through the fuzzer's own function. */

#include "../fuzz/fuzz_survey.c"

#include "corpus.h"

int main(void)
{
    return corpus_main("survey");
}
