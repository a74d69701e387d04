/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_AUTHENTICATOR_DKIM_H
#define KHATM_AUTHENTICATOR_DKIM_H

/* DKIM signatures of one message, RFC 6376 with RFC 8301 and 8463. What is not acceptable by its tags or its
 * key is sorted out by us (dkim_signature, dkim_key); the rest goes to libopendkim (dkim_library), which
 * hashes, and is believed only when it reports both the signature and the body hash as matching. Every
 * signature is reported, with the reason why it does not count. The message is read from its descriptor in
 * blocks: memory does not grow with the body, and no body is read when no signature can count. One message at
 * a time, one thread. */

#include "dns/resolver.h"

struct dkim_checker;

struct dkim_input {
    int fd; /* read at offsets */
    uint64_t size, body_offset;
    int64_t now; /* seconds since 1970 */
    /* Signatures of other domains are facts of little weight, and anybody can have a slow one: they are not
     * waited for long. "": all are waited for. */
    const char *claimed;
};

struct dkim_findings {
    struct dkim_proof signatures[PROOF_SIGNATURES_MAX];
    size_t n_signatures;
    bool more;
};

/* Fails when libopendkim cannot do rsa-sha256 and ed25519-sha256: it verifies the example of RFC 8463 with
 * both, which also loads what OpenSSL loads late. */
enum result dkim_checker_new(struct dkim_checker **dkim_out, struct problem *problem) MUST_USE;
void dkim_checker_free(struct dkim_checker *dkim);

/* Reads the header section and asks for the keys, without waiting. The arena gets all that it finds. */
void dkim_checker_begin(struct dkim_checker *dkim, struct resolver *resolver, const struct dkim_input *input,
                        struct arena *arena);
/* Waits for the keys and verifies. */
void dkim_checker_finish(struct dkim_checker *dkim, struct dkim_findings *findings_out);

#endif
