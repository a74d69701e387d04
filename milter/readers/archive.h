/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_ARCHIVE_H
#define KHATM_READERS_ARCHIVE_H

/* Archives: what they hold is handed on as embedded files. `packed_reader`: one file that is compressed
 * (gzip, bzip2, xz, lzma, lz4, zstd); what comes out may be a tar, which is then read as any other file, so
 * that compressed zeros are a file of zeros and not an empty tar. `archive_reader`: 7z, tar, rar, cab.
 * `zipped_reader`: all that are ZIP files by their bytes, office packages (package.h) among them; where two
 * programs could read the directory in two ways it is read in both, and unread. Formats that no
 * administration sends (iso, cpio, mtree, xar …) are left out: they stay unread, and libarchive's mtree
 * reader opens files. libarchive can call programs for what it was not built with: `prepare` fails then, and
 * the sandbox kills. */

#include "inspector/reader.h"

extern const struct reader archive_reader, packed_reader, zipped_reader;

#endif
