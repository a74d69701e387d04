/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_AUTH_RESULTS_H
#define KHATM_SENDER_AUTH_RESULTS_H

/* Our Authentication-Results field (RFC 8601): what SPF and DKIM said, signature by signature, and, as a
 * local policy result at the end of SPF's (2.4, ptype "policy"), which class of sender that makes, and what
 * became of a seal:
 *
 *   gw1.interieur.gov.example;
 *     spf=pass smtp.mailfrom=finances.gov.example policy.khatm-sender=government policy.khatm-seal=verified;
 *     dkim=pass header.d=finances.gov.example header.s=s1 header.a=rsa-sha256
 *
 * Only what was checked is in it: whoever did not ask has no such field to write. Nothing in it is a
 * stranger's text but domains and selectors, which are host names here. No method of our own is invented,
 * since readers know the registered ones only. Pure. */

#include "base/arena.h"
#include "policy/facts.h"
#include "sender/proofs.h"

#define AUTH_RESULTS_NAME "Authentication-Results"

enum { AUTH_RESULTS_SIGNATURES_MAX = 6 }; /* those that count first */

/* The value with its leading space, folded with LF and tab at 77 columns where it can be, in the arena. node:
 * a canonical domain. seal: what opening it has shown; NULL: nothing was to be opened. NULL: no memory. */
const char *auth_results_compose(const char *node, const struct proofs *proofs, enum sender_class sender,
                                 const char *seal, struct arena *arena);

#endif
