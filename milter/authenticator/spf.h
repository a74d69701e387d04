/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_AUTHENTICATOR_SPF_H
#define KHATM_AUTHENTICATOR_SPF_H

/* Sender Policy Framework, RFC 7208: may this client send mail for this domain? The record's grammar, its
 * limits and its evaluation are ours (spf_record, spf_macro, spf_eval); libspf2 is asked for a second opinion
 * when ours is "pass", and only when both say so is it one. docs/proofs.md has the reasons and the figures.
 * The identity is MAIL FROM; the HELO name only when that is null, and then marked. A client on this machine
 * has no SPF. Explanations (exp=) are read for their grammar and never fetched: nothing of ours shows a
 * stranger's words. One thread. */

#include "dns/resolver.h"

struct spf_input {
    const char *client_address;   /* NULL or "": not by network */
    const char *helo, *mail_from; /* without angle brackets; NULL or "": none */
};

struct spf;

/* Before the sandbox closes. NULL: no memory. */
struct spf *spf_new(void);
void spf_free(struct spf *spf);

/* Never fails: what goes wrong is a temperror. Strings are in the arena or static. */
void spf_check(struct spf *spf, struct resolver *resolver, const struct spf_input *input, struct arena *arena,
               struct spf_proof *proof_out);

#endif
