/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DNS_DKIM_KEY_H
#define KHATM_DNS_DKIM_KEY_H

/* What DNS publishes at SELECTOR._domainkey.DOMAIN: RFC 6376 section 3.6.1, RFC 8301 (SHA-256 only) and RFC
 * 8463 (Ed25519), with SECURITY's stricter rules: one key, not in test mode. Whether a signature fits the key
 * is for others to say. In the arena; pure. */

#include "dns/answer.h"
#include "dns/dkim_tags.h"

enum { DKIM_KEY_TEXT_MAX = 1000, DKIM_RSA_BITS_MIN = 1024 };

enum dkim_key_kind { DKIM_KEY_OTHER, DKIM_KEY_RSA, DKIM_KEY_ED25519 };

struct dkim_key {
    const char *why;                 /* why no signature by it counts, for a person; "" */
    bool try_later;                  /* it could not be asked for */
    const struct dns_record *record; /* the one that holds a key; NULL: there is none, or more than one */
    struct dkim_tags tags;           /* of that record */
    enum dkim_key_kind kind;
    bool revoked, testing; /* p= is empty; t=y */
    bool strict;           /* t=s: not for sub-domains */
};

/* Other TXT records at the name are nobody's business. RESULT_TRY_LATER: no memory. */
enum result dkim_key_read(const struct dns_answer *answer, struct arena *arena,
                          struct dkim_key *key_out) MUST_USE;

/* How often a list with colons between has `name`, in any case. */
unsigned dkim_list_count(const char *list, const char *name);
/* Digits of base64 with their padding, at least one. */
bool dkim_is_base64(const char *text);

#endif
