/* SPDX-License-Identifier: Apache-2.0 */

/* What is signed or compressed (CMS). */

#include "fuzz_reader.h"
#include "readers/cms.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct reader *const readers[] = {&cms_reader, NULL};
    (void)argc, (void)argv;
    fuzz_prepare(readers);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_read(cms_reader.read, bytes, size, "application/pkcs7-mime");
    return 0;
}
