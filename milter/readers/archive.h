/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_ARCHIVE_H
#define KHATM_READERS_ARCHIVE_H

/* Archives by libarchive: what they hold is handed on as embedded files. `packed_reader`: one file that is
 * compressed (gzip, bzip2, xz, lzma, lz4, zstd); what comes out may be a tar, which is then read as any other
 * file, so that compressed zeros are a file of zeros and not an empty tar. `archive_reader`: zip, 7z, tar,
 * rar, cab. Formats that no administration sends (iso, cpio, mtree, xar …) are left out: they stay unread,
 * and libarchive's mtree reader opens files. A ZIP that is an office package is given to office.h. A ZIP
 * whose directory can be read in two ways is read in both, and unread. libarchive can call programs for what
 * it was not built with: `prepare` fails then, and the sandbox kills. */

#include "inspector/reader.h"
#include "readers/zip.h"

enum { ARCHIVE_ENTRIES_MAX = 65536 }; /* of one directory; the budget's own limit is lower */

extern const struct reader archive_reader, packed_reader;

/* Its entries as embedded files, whatever they are. */
void archive_read_zip(struct reading *reading, const struct zip *zip);

#endif
