/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SPOOL_SPOOL_H
#define KHATM_SPOOL_SPOOL_H

/* One message on private disk (tmpfs in the shipped unit): an unnamed file (O_TMPFILE, 0600) that is gone
 * with its last descriptor, so that nothing in clear stays behind whatever dies. Layout: header section as
 * the MTA handed it over, with CRLF line ends, an empty line, the body untouched. Never in memory as a whole.
 * One thread at a time. Does not defend against root, nor against a swap partition: see khatmd(8). */

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spool {
    int fd;               /* read and write; -1: closed */
    uint64_t body_offset; /* of the first body byte; 0 until spool_end_header */
    uint64_t size;        /* bytes so far */
    uint64_t limit;
};

/* Makes the directory (0700) when it is missing; its parent must exist. RESULT_BAD_INPUT: others can look
 * into it, it is not ours, or its file system has no unnamed files. */
enum result spool_prepare(const char *directory, struct problem *problem) MUST_USE;
/* RESULT_TRY_LATER: no file can be made in `directory`. */
enum result spool_open(const char *directory, uint64_t limit_bytes, struct spool *spool,
                       struct problem *problem) MUST_USE;
void spool_close(struct spool *spool);
/* RESULT_BAD_INPUT: over the limit (permanent); RESULT_TRY_LATER: disk full or broken. */
enum result spool_append(struct spool *spool, const void *bytes, size_t size) MUST_USE;
/* Writes the empty line and fixes body_offset. */
enum result spool_end_header(struct spool *spool) MUST_USE;

#endif
