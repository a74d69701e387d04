/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_FD_H
#define KHATM_BASE_FD_H

/* Descriptors: whole reads and writes, and the one way to close. All descriptors of the project are CLOEXEC.
 * ENOSPC, EDQUOT, EIO and every other failure to write is RESULT_TRY_LATER. Thread-safe. */

#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

/* Closes *fd when it is open and sets it to -1. */
void fd_close(int *fd);
enum result fd_write_all(int fd, const void *bytes, size_t size) MUST_USE;
/* Reads exactly `size` bytes at `offset`, without moving the descriptor's position.
 * RESULT_BAD_INPUT when the file ends before. */
enum result fd_read_at(int fd, void *bytes, size_t size, uint64_t offset) MUST_USE;
/* A file without a name in `directory` (O_TMPFILE, 0600): gone with its last descriptor, never on view. */
enum result fd_open_unnamed(const char *directory, int *fd_out, struct problem *problem) MUST_USE;
/* A second, read-only open file description of the same file, so that readers do not share a position. */
enum result fd_reopen_readonly(int fd, int *fd_out) MUST_USE;

#endif
