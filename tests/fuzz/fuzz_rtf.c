/* SPDX-License-Identifier: Apache-2.0 */

/* Rich Text Format. */

#include "fuzz_reader.h"
#include "readers/rtf.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct reader *const readers[] = {&rtf_reader, NULL};
    (void)argc, (void)argv;
    fuzz_prepare(readers);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_read(rtf_reader.read, bytes, size, "text/rtf");
    return 0;
}
