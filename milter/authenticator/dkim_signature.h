/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_AUTHENTICATOR_DKIM_SIGNATURE_H
#define KHATM_AUTHENTICATOR_DKIM_SIGNATURE_H

/* One DKIM-Signature field, judged by its tags and its key record before any hash is made: what RFC 6376
 * (3.5, 3.6, 6.1), RFC 8301 (no SHA-1, no keys under 1024 bits) and RFC 8463 want, and SECURITY's stricter
 * rules: no expiry gone by, no time to come, no test key, no part of the body left out. `proof.why` says what
 * is wrong and is "" while nothing is. Pure. */

#include "dkim/header.h"
#include "dns/dkim_key.h"

enum { DKIM_CLOCK_DRIFT_S = 300 };

struct dkim_signature {
    struct dkim_proof proof;
    const struct header_field *field;
    struct dkim_tags tags;
    const char *key_name; /* where its key record is; NULL: the tags are too wrong to say */
    const char *key_text; /* the record, when it may be used */
    bool relaxed_body;
    uint64_t length; /* l= */
};

/* Every signature with key_name is worth asking DNS for. */
enum result dkim_signature_read(const struct header *header, const struct header_field *field, int64_t now,
                                struct arena *arena, struct dkim_signature *signature_out) MUST_USE;
/* Sets key_text, or the reason why there is none. */
enum result dkim_signature_take_key(struct dkim_signature *signature, const struct dns_answer *answer,
                                    struct arena *arena) MUST_USE;

#endif
