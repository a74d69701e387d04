/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_HELPER_PAGES_H
#define KHATM_HELPER_PAGES_H

/* Pages of files that a process has mapped and not written to: program text, constants, tables. What it read
 * of them while it warmed up stays in its memory, though it may never read it again. Handed back, they stay
 * in the page cache as long as there is room, and come again with the next access; fork(2) does not hand such
 * pages down, so children do not miss them (measured: as many page faults as before). */

#include <stdint.h>

enum { PAGES_LARGE_BYTES = 16 * 1024 * 1024 };

/* Hands them back. Before a sandbox closes: it reads /proc/self/smaps. Where that cannot be read nothing is
 * handed back. */
void pages_hand_back(void);

/* Before a sandbox closes: what pages_rest hands back, too: the mapping of the file of this name (without
 * folders) that is there now, not to be written to, until the process ends or this is called with NULL,
 * before it is unmapped. One at a time; from one thread. */
void pages_keep(const char *file);

/* In a process that goes on and has had nothing to do for a while, threads and sandbox and all: free heap
 * goes back to the system, and so do the pages that it has read of its program and its libraries. Under one
 * millisecond; what is wanted again comes back a few pages at a time. Thread-safe. */
void pages_rest(void);
/* The same between two steps of work on `bytes` of memory when that is most of what the process holds: from
 * PAGES_LARGE_BYTES on. */
void pages_rest_beside(uint64_t bytes);

#endif
