/* SPDX-License-Identifier: Apache-2.0 */

/* ZIP files, office packages among them. */

#include "fuzz_reader.h"
#include "readers/archive.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct reader *const readers[] = {&zipped_reader, NULL};
    (void)argc, (void)argv;
    fuzz_prepare(readers);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_read(zipped_reader.read, bytes, size, "application/zip");
    return 0;
}
