/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JOURNAL_STORE_H
#define KHATM_JOURNAL_STORE_H

/* Where records lie: tables, transactions and look-ups, without threads or leaves' contents. One connection
 * is used by one thread at a time. Failures are told in one line that names the file and what to do;
 * RESULT_TRY_LATER may heal, RESULT_BAD_INPUT (not our journal, a newer schema) does not. Everything waits
 * for a lock at most wait_ms. A file that was replaced or removed under an open store is never written to for
 * long: see store_stale. */

#include "journal/leaf.h"

struct store;

enum store_access {
    STORE_CREATE, /* write; made when absent */
    STORE_WRITE,  /* write; must be there: a journal that vanished must not be begun anew in silence */
    STORE_READ,
};

struct store_entry { /* a record on its way in */
    struct leaf leaf;
    const char *reference; /* NULL: a mark */
    int64_t time_ms;
    const struct record_document
        *documents; /* indexed by digest and number; everything in the entry's arena */
    size_t n_documents;
    const char *sealed_sha256;
    bool administrative; /* passed on by one of ours: its documents are known from now on */
    bool never_replied;  /* nobody waits for it any more */
};

/* path: as after "sqlite:". */
enum result store_open(const char *path, enum store_access access, int64_t wait_ms, struct store **store_out,
                       struct problem *problem) MUST_USE;
void store_close(struct store *store);

/* The file at the path is no longer the one that is open: close and open again. */
bool store_stale(const struct store *store);

/* begin takes the write lock; what follows is durable when commit has said RESULT_OK and not otherwise.
 * rollback may be called at any time. */
enum result store_begin(struct store *store, struct problem *problem) MUST_USE;
enum result store_commit(struct store *store, struct problem *problem) MUST_USE;
void store_rollback(struct store *store);

/* Within begin and commit. `arena` holds what is needed meanwhile. RESULT_BAD_INPUT: the reference is taken;
 * nothing of this entry was written and the transaction goes on. After any other failure it must be rolled
 * back. */
enum result store_add(struct store *store, struct arena *arena, const struct store_entry *entry,
                      uint64_t *sequence_out, struct problem *problem) MUST_USE;
enum result store_reply(struct store *store, uint64_t sequence, enum reply_state state,
                        struct problem *problem) MUST_USE;
/* Adds marks for all records whose reply is open and not yet in a mark. */
enum result store_settle(struct store *store, int64_t time_ms, struct problem *problem) MUST_USE;

enum result store_find(struct store *store, const struct journal_query *query,
                       int (*visit)(const struct record *record, void *context), void *context,
                       struct problem *problem) MUST_USE;
enum fact store_knows(struct store *store, const uint8_t sha256[DIGEST_BYTES],
                      char reference[REFERENCE_BYTES]);
void store_match_text(struct store *store, const struct record_text *text, struct text_match *match_out);
enum result store_cover(struct store *store, int64_t from_ms, int64_t until_ms,
                        struct journal_coverage *coverage_out, struct problem *problem) MUST_USE;

#endif
