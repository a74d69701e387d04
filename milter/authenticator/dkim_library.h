/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_AUTHENTICATOR_DKIM_LIBRARY_H
#define KHATM_AUTHENTICATOR_DKIM_LIBRARY_H

/* libopendkim, the only place that sees it: canonicalises and hashes the header fields, and verifies the
 * signatures that were found acceptable, with keys that we looked up; its own DNS is never used. The body is
 * hashed by body_hash and never given to it. Not to be believed as it comes: its plain success takes 12 of 21
 * kinds of abuse, its "passed" flag says nothing of the body, and it ends the process on some odd input. So
 * it gets only signatures that our grammar read to the end, and one matches only when the library says that
 * it passed, and has no error against it but that of the body it did not see, and it is the very one we gave
 * it; and its bh= must be the hash that we made. One thread. */

#include "authenticator/dkim_signature.h"

struct dkim_library;

struct dkim_work {
    const struct header *header;
    struct dkim_signature *signatures; /* those with key_text are verified; results go into their proofs */
    size_t n_signatures;
    int fd;
    uint64_t body_offset, size;
};

enum result dkim_library_new(struct dkim_library **library_out, struct problem *problem) MUST_USE;
void dkim_library_free(struct dkim_library *library);

/* Sets bits, signature_matches and body_hash_matches, and why when one does not. RESULT_TRY_LATER: no memory,
 * or the message cannot be read: nothing is known then. */
enum result dkim_library_verify(struct dkim_library *library, const struct dkim_work *work) MUST_USE;

#endif
