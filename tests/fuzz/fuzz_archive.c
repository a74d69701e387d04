/* SPDX-License-Identifier: Apache-2.0 */

/* Archives that are no ZIP, and packed files: the first byte says which kind the rest is taken for. */

#include "fuzz_reader.h"
#include "readers/archive.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct reader *const readers[] = {&archive_reader, &packed_reader, NULL};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_prepare(readers);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const kinds[] = {"application/x-7z-compressed",
                                        "application/x-tar",
                                        "application/x-rar",
                                        "application/vnd.ms-cab-compressed",
                                        "application/gzip",
                                        "application/x-bzip2",
                                        "application/x-xz",
                                        "application/x-lzma",
                                        "application/x-lz4",
                                        "application/zstd"};
    if (!size)
        return 0;
    const char *kind = kinds[*bytes % (sizeof kinds / sizeof *kinds)];
    fuzz_read(reader_find(readers, kind)->read, bytes + 1, size - 1, kind);
    return 0;
}
