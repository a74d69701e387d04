/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JOURNAL_LEAF_H
#define KHATM_JOURNAL_LEAF_H

/* A record as its leaf: one line of canonical JSON (RFC 8785) and its RFC 6962 leaf hash, with whatever names
 * a person replaced by a commitment; and back. The format is docs/journal-format.md. All memory is in the
 * caller's arena; the record given is borrowed only during leaf_make. Thread-safe. */

#include "journal/identity.h"
#include "journal/journal.h"

enum { LEAF_BYTES_MAX = 4 << 20, LEAF_SCHEMA = 1 };

struct leaf {
    const char *line; /* no line end */
    size_t size;
    uint8_t hash[DIGEST_BYTES];
    struct identity *identities; /* values to be kept beside the leaf */
    size_t n_identities;
    const char **persons; /* normalised; [0] the sender, then one a recipient; equal ones are not merged */
    size_t n_persons;
};

/* RESULT_BAD_INPUT: the record cannot be told in this format (too long, a value outside its enum). */
enum result leaf_make(struct arena *arena, const struct record *record, struct leaf *leaf_out,
                      struct problem *problem) MUST_USE;
/* The line of a mark: the replies of these records were not known when the journal was opened at time_ms. */
enum result leaf_make_settled(struct arena *arena, int64_t time_ms, const uint64_t *sequences,
                              size_t n_sequences, struct leaf *leaf_out) MUST_USE;

/* The value behind the commitment of `field`; journal_erased or journal_damaged when there is none. */
typedef const char *leaf_lookup(void *context, const char *field, const uint8_t commitment[DIGEST_BYTES]);

/* Fills everything of *record that the leaf tells. RESULT_BAD_INPUT: not a decision's leaf of this format. */
enum result leaf_parse(struct arena *arena, const char *line, size_t size, leaf_lookup *lookup, void *context,
                       struct record *record) MUST_USE;

#endif
