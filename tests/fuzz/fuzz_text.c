/* SPDX-License-Identifier: Apache-2.0 */

/* Plain text, and the files that are written into it. */

#include "fuzz_reader.h"
#include "inspector/plain.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct reader *const readers[] = {&plain_reader, NULL};
    (void)argc, (void)argv;
    fuzz_prepare(readers);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_read(plain_reader.read, bytes, size, "text/plain");
    return 0;
}
