/* SPDX-License-Identifier: Apache-2.0 */

/* Our own reading of the bytes of a PDF. poppler is left out: it knows nothing of the fuzzer, and version
 * 22.12 soon dies of damaged files, which costs the child that reads and leaves the document unread. */

#include "fuzz_reader.h"
#include "readers/pdf_parts.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct reader *const readers[] = {NULL};
    (void)argc, (void)argv;
    fuzz_prepare(readers);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_read(pdf_read_bytes, bytes, size, "application/pdf");
    return 0;
}
