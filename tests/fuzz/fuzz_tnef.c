/* SPDX-License-Identifier: Apache-2.0 */

/* winmail.dat, with the RTF and HTML in it. */

#include "fuzz_reader.h"
#include "readers/tnef.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct reader *const readers[] = {&tnef_reader, NULL};
    (void)argc, (void)argv;
    fuzz_prepare(readers);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_read(tnef_reader.read, bytes, size, "application/vnd.ms-tnef");
    return 0;
}
