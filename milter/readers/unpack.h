/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_UNPACK_H
#define KHATM_READERS_UNPACK_H

/* The place that sees libarchive: opening bytes in memory with exactly the formats that were asked for, and
 * walking through the entries within the budget. */

#include "inspector/reader.h"

#include <stdint.h>

enum unpack_format {
    UNPACK_ZIP,        /* by its directory */
    UNPACK_ZIP_STREAM, /* by what stands before each entry */
    UNPACK_7ZIP,
    UNPACK_TAR,
    UNPACK_RAR,
    UNPACK_RAR5,
    UNPACK_CAB,
    /* One compressed file, and nothing within is looked at. */
    UNPACK_GZIP,
    UNPACK_BZIP2,
    UNPACK_XZ,
    UNPACK_LZMA,
    UNPACK_LZ4,
    UNPACK_ZSTD,
};

/* In the template. RESULT_BUG: this libarchive was built without one of the formats, or calls a program for
 * it. Sets the time zone to UTC. */
enum result unpack_prepare(struct problem *problem) MUST_USE;

/* Hands every entry on as embedded file and raises what cannot be read. `only_name`: for the compressed
 * kinds, what the file within is called unless it says so itself. The result: how many bytes of the document
 * belong to the archive, as far as the format lets that be known, else its size, which it also is when the
 * budget ended the reading. */
uint64_t unpack_all(struct reading *reading, enum unpack_format format, const char *only_name);

#endif
