/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JOURNAL_JOURNAL_H
#define KHATM_JOURNAL_JOURNAL_H

/* The write-ahead journal: one record a decision (one role, one attempt), durable before the reply. Each
 * record is a leaf, one canonical JSON line hashed as RFC 6962 says; it holds salted commitments to whatever
 * names a person, and the values sit in a side table under a key for each person and month, so that a person
 * can be erased while the leaves still verify. docs/journal-format.md specifies both. No content, no subject.
 * Thread-safe: a writer thread commits what all threads have handed in as one transaction. */

#include "base/arena.h"
#include "base/result.h"
#include "policy/facts.h"
#include "policy/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal;

enum { REFERENCE_BYTES = 13 }; /* "KH-7F3K-29QX" with its NUL */

struct record_rcpt {
    const char *address; /* without <> */
    enum rcpt_class class;
    enum verdict verdict;
    enum reason reason;
    const char *rule;  /* id; NULL: none matched */
    const char *typed; /* what it was before aliases and forwards; NULL: the same, or not known */
};

/* An administrative document that a text is, or resembles (docs/fingerprints.md). */
struct text_match {
    enum fact known;                 /* UNKNOWN: the store cannot tell */
    enum known_by by;                /* NOTHING: the resemblance is a fact and no more */
    unsigned share;                  /* percent of its text; 100 for the same text */
    bool same;                       /* and hardly anything else */
    int64_t text;                    /* its number in the store; 0: none */
    int64_t origin;                  /* of the first version of it; 0: not known */
    char reference[REFERENCE_BYTES]; /* of the record that has it */
};

/* What a document's text is recognised by, as inspect/findings.h has it. */
struct record_text {
    const uint8_t *sha256; /* NULL: none */
    const uint8_t *sketch; /* NULL: none */
    size_t sketch_size;
    bool exact_only;         /* is remembered word for word, and not by its sketch */
    struct text_match match; /* what journal_match_text said of it */
};

struct record_document {
    const char *path, *name, *kind; /* name may be NULL */
    int level;
    unsigned caveats;
    bool unread, opaque, ambiguous;
    uint64_t size_bytes;
    const char *sha256;             /* hexadecimal; NULL: not computed */
    const char *const *references;  /* reference numbers; NULL-terminated; NULL: none */
    const struct record_text *text; /* NULL: none, or read back */
    enum known_by known_by;         /* how it was recognised */
    unsigned share;                 /* percent of that document's text; 100 by bytes */
    const char *known_from;         /* reference of that document's record; NULL with KNOWN_BY_NOTHING */
};

struct record {
    char reference[REFERENCE_BYTES];
    int64_t time_ms;                                                                          /* wall clock */
    const char *node, *queue_id, *message_id, *client_address, *login, *envelope_from, *from; /* NULL: none */
    enum policy_role role;
    enum sender_class sender;
    enum sender_lack lacks;
    bool proven;      /* SPF or DKIM showed that From's domain sent it */
    unsigned forward; /* forward_flag */
    bool observed;    /* mode observe: what would have happened; the MTA was told to go on */
    enum verdict verdict;
    enum reason reason;
    const char *rule, *policy_digest;
    const char *basis; /* of the rule; NULL */
    int level;
    unsigned caveats, content;
    bool alert;
    const struct record_rcpt *rcpts;
    size_t n_rcpts;
    const struct record_document *documents;
    size_t n_documents;
    const char *ticket;        /* reference of the decision that approved it; NULL */
    const char *sealed_sha256; /* of the ciphertext that left; NULL */
    const char *detail;        /* one phrase for a 4xx: what failed; NULL */
    /* read back only: */
    uint64_t sequence;
    enum reply_state { REPLY_UNKNOWN, REPLY_SENT, REPLY_NEVER } reply;
    bool settled; /* reply UNKNOWN: false, the reply may be on its way now; true, a daemon died around it */
};

/* What the text of a record read back points to when the value is gone: compare addresses, not text. */
extern const char journal_erased[];  /* "(erased)": the person or month was erased */
extern const char journal_damaged[]; /* "(damaged)": the side table does not fit the leaf's commitment */

/* A fresh random reference, Crockford base 32 (no I, L, O, U). */
enum result journal_reference(char reference[REFERENCE_BYTES]) MUST_USE;

/* store: "sqlite:/path". Makes it when absent; settles records whose reply was never seen to go out.
 * wait_ms: how long a locked store is waited for. */
enum result journal_open(const char *store, int64_t wait_ms, struct journal **journal_out,
                         struct problem *problem) MUST_USE;
/* For readers (trace, report, explain): never writes, works beside a running daemon. */
enum result journal_open_readonly(const char *store, struct journal **journal_out,
                                  struct problem *problem) MUST_USE;
void journal_close(struct journal *journal);

/* Returns after the record is durable, or within wait_ms. RESULT_TRY_LATER: no promise is given, answer 4xx;
 * if the disk was slow or failed while writing, a record that nobody relies on may still appear, marked
 * REPLY_NEVER. RESULT_BAD_INPUT: the format cannot tell this record; answer 4xx too. */
enum result journal_append(struct journal *journal, const struct record *record, uint64_t *sequence_out,
                           struct problem *problem) MUST_USE;
/* The reply of this record went out (or never will: the MTA was gone). Not durable by itself. */
void journal_replied(struct journal *journal, uint64_t sequence, bool sent);

/* Has a document with these bytes been part of a passed or sealed message of staff, a service or a government
 * sender? FACT_YES: reference (NULL: not wanted) is of the first of their records, else "". FACT_UNKNOWN when
 * the store cannot tell. */
enum fact journal_knows_document(struct journal *journal, const char *sha256,
                                 char reference[REFERENCE_BYTES]);

/* Has a text like this been passed or sealed so? */
void journal_match_text(struct journal *journal, const struct record_text *text,
                        struct text_match *match_out);

struct journal_query {
    const char *reference, *sha256, *message_id, *person, *reference_number; /* NULL: any */
    const char *const *any_sha256; /* one of these; NULL-terminated; NULL: any */
    const uint64_t *kin_of;    /* or, beside any_sha256: a text that is one of this record's; NULL: none */
    int64_t from_ms, until_ms; /* half-open; 0: open */
};

/* Calls `visit` for each record in order of sequence; a non-zero answer stops. The record and all it points
 * to live until visit returns. visit must not call the journal. */
enum result journal_find(struct journal *journal, const struct journal_query *query,
                         int (*visit)(const struct record *record, void *context), void *context,
                         struct problem *problem) MUST_USE;

enum { JOURNAL_GAPS_MAX = 32 };

/* Which leaves (decisions and marks) a period covers. Sequences are gapless from 0: whatever is missing was
 * taken out. */
struct journal_coverage {
    uint64_t n_leaves, first, last; /* sequences */
    int64_t first_ms, last_ms;
    uint64_t n_missing; /* within first .. last, and before first when the period is open at its start */
    struct journal_gap {
        uint64_t first, last;
    } gaps[JOURNAL_GAPS_MAX]; /* the first so many */
    size_t n_gaps;
};

/* Half-open period, 0: open. RESULT_NOT_FOUND: no leaf in it. */
enum result journal_cover(struct journal *journal, int64_t from_ms, int64_t until_ms,
                          struct journal_coverage *coverage_out, struct problem *problem) MUST_USE;

#endif
