/* SPDX-License-Identifier: Apache-2.0 */

/* The corpus of fuzz_pdf.c, and what it once found, through the fuzzer's own function. */

#include "../fuzz/fuzz_pdf.c"

#include "corpus.h"

int main(void)
{
    (void)LLVMFuzzerInitialize(NULL, NULL);
    return corpus_main("pdf");
}
