/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_ZIP_H
#define KHATM_READERS_ZIP_H

/* The directory of a ZIP file (APPNOTE 6.3.9), read strictly: an entry is described twice, before its bytes
 * and at the end of the file, the end of the directory may stand in several places, and programs differ in
 * what they believe. Whatever two of them could take differently is said in `odd`, and so are bytes that
 * belong to no entry. Gives random access to entries that are stored or deflated, which is all that OPC (ISO
 * 29500-2) and ODF packages may use. Everything borrows the bytes. */

#include "base/result.h"
#include "readers/bytes.h"

enum { ZIP_STORED = 0, ZIP_DEFLATED = 8, ZIP_DEFLATE_GROWTH = 1032 };

struct zip_entry {
    struct bytes name; /* as the central directory has it: any bytes */
    uint16_t flags, method;
    uint32_t crc;
    uint64_t packed, size; /* of the data, bytes, as said */
    uint64_t at, data_at;  /* of the local header and of the data */
    bool encrypted, utf8, link;
};

struct zip {
    struct bytes bytes;
    struct zip_entry *entries; /* in the order of the central directory */
    size_t n_entries;
    bool too_many;   /* entries: the rest was not looked at */
    const char *odd; /* a phrase: the first thing that two programs could read differently; NULL */

    uint64_t end_at; /* where the directory's end begins */
    uint64_t directory_at, directory_size, promised;
    uint64_t shift; /* to add to offsets, modulo 2^64, where bytes stand before the archive */
};

/* In the template. */
void zip_prepare(void);

/* RESULT_BAD_INPUT: there is no directory that could be read; RESULT_TRY_LATER: no memory. In either case
 * there is nothing to close. */
enum result zip_open(struct bytes bytes, size_t most_entries, struct zip *zip_out) MUST_USE;
void zip_close(struct zip *zip);
/* By its name, exactly; NULL. */
const struct zip_entry *zip_find(const struct zip *zip, const char *name);

/* Gets the entry's bytes piece by piece; false stops the reading. */
typedef bool zip_take(void *context, const uint8_t *bytes, size_t size);

/* RESULT_BAD_INPUT: the bytes are not what the directory says (size, checksum, broken data).
 * RESULT_UNCERTAIN: encrypted, or packed by a method that is neither of the two. RESULT_NOT_FOUND: `take` had
 * enough. */
enum result zip_read(const struct zip *zip, const struct zip_entry *entry, zip_take *take,
                     void *context) MUST_USE;

#endif
