/* SPDX-License-Identifier: Apache-2.0 */

/* XML of every kind: the root element chooses what reads it, parts of office packages too. */

#include "fuzz_reader.h"
#include "readers/xml_document.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct reader *const readers[] = {&xml_document_reader, NULL};
    (void)argc, (void)argv;
    fuzz_prepare(readers);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_read(xml_document_reader.read, bytes, size, "text/xml");
    return 0;
}
