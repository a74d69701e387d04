/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DKIMSIGN_DKIMSIGN_H
#define KHATM_DKIMSIGN_DKIMSIGN_H

/* The daemon's side of khatm-dkim-signer: a small pool of sandboxed processes that hold the private keys,
 * each with one message at a time. One that dies, hangs or answers nonsense is killed and replaced, and its
 * message is try-later: never one without a signature. One that has signed DKIMSIGN_JOBS_MAX messages is
 * replaced, too: libopendkim frees no Ed25519 key. Thread-safe. */

#include "base/arena.h"
#include "config/config.h"
#include "dkimsign/protocol.h"

enum { DKIMSIGN_JOBS_MAX = 2000 };

struct dkimsign;

/* The other half of a configured key. */
struct dkimsign_key {
    const char *name; /* of its DNS record */
    enum dkimsign_kind kind;
    unsigned bits;
    const char *public_text; /* p= of that record */
};

struct dkimsign_message {
    int fields_fd; /* "Name: value" CRLF, each field that is to be signed, as it will leave */
    uint64_t fields_size;
    int body_fd;
    uint64_t body_offset, body_size;
    const char *domain;
};

/* Starts one process, so that what is wrong with a key is known now: *problem names its file. Settings are
 * copied. */
enum result dkimsign_new(const struct dkim_settings *settings, struct dkimsign **dkimsign_out,
                         struct problem *problem) MUST_USE;
/* When no thread is in dkimsign_run. */
void dkimsign_free(struct dkimsign *dkimsign);

/* Ends processes that have had nothing to do for idle_ms, all but the one used last. A message that comes
 * meanwhile takes that one or starts another. */
void dkimsign_retire(struct dkimsign *dkimsign, int64_t idle_ms);

/* Lives as long as the pool. */
const struct dkimsign_key *dkimsign_keys(const struct dkimsign *dkimsign, size_t *n_out);

/* RESULT_OK: *values_out, NULL-terminated, has the value of a DKIM-Signature field for each key of the
 * domain, with its leading blank and folds as LF; in the arena. RESULT_NOT_FOUND with *problem, one phrase:
 * there is none for such a header section, however often it is asked. RESULT_TRY_LATER with *problem: none.
 */
enum result dkimsign_run(struct dkimsign *dkimsign, const struct dkimsign_message *message,
                         struct arena *arena, const char *const **values_out,
                         struct problem *problem) MUST_USE;

#endif
