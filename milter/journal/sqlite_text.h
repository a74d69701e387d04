/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JOURNAL_SQLITE_TEXT_H
#define KHATM_JOURNAL_SQLITE_TEXT_H

/* The tables `text` and `shingle` of the SQLite store: what finding (sqlite_text.c) and remembering
 * (sqlite_text_write.c) share. docs/journal-format.md describes them. */

#include "journal/resemblance.h"
#include "journal/sqlite.h"

/* Which documents have a hash in the index; at most RESEMBLANCE_COMMON are asked for. False: *problem. */
bool sqlite_who_has(struct store *store, uint64_t hash, int64_t texts[RESEMBLANCE_COMMON], unsigned *n_out,
                    struct problem *problem) MUST_USE;
/* RESULT_NOT_FOUND: no administrative document has this very text. */
enum result sqlite_same_text(struct store *store, const uint8_t tag[DIGEST_BYTES], struct text_match *match,
                             struct problem *problem) MUST_USE;

#endif
