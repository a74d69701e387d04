/* SPDX-License-Identifier: Apache-2.0 */

/* Pages of HTML. */

#include "fuzz_reader.h"
#include "inspector/html.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct reader *const readers[] = {&html_reader, NULL};
    (void)argc, (void)argv;
    fuzz_prepare(readers);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_read(html_reader.read, bytes, size, "text/html");
    return 0;
}
