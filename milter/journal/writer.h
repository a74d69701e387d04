/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JOURNAL_WRITER_H
#define KHATM_JOURNAL_WRITER_H

/* Group commit: whoever appends puts an entry on a queue and sleeps; one thread takes all that wait, writes
 * them as one transaction and wakes them. An entry owns all it needs, so that a caller whose patience ends (a
 * hung disk) can leave it behind: it is then not written, or written and marked as never replied. A store
 * that fails, moves or is replaced is opened again with the next entry, but never made anew. */

#include "journal/store.h"

struct writer;

/* path is borrowed; store, open for writing, belongs to the writer once this succeeded. */
enum result writer_new(const char *path, int64_t wait_ms, struct store *store, struct writer **writer_out,
                       struct problem *problem) MUST_USE;
/* Writes what is waiting, then closes the store. */
void writer_free(struct writer *writer);

/* Durable with RESULT_OK. Takes the arena, which holds what *data points to; *data itself is copied. */
enum result writer_append(struct writer *writer, struct arena *arena, const struct store_entry *data,
                          uint64_t *sequence_out, struct problem *problem) MUST_USE;
void writer_replied(struct writer *writer, uint64_t sequence, enum reply_state state);

#endif
