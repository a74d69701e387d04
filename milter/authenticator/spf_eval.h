/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_AUTHENTICATOR_SPF_EVAL_H
#define KHATM_AUTHENTICATOR_SPF_EVAL_H

/* check_host() of RFC 7208, section 4, with the limits of 4.6.4: ten terms that ask DNS, ten names of an mx
 * or ptr, two void look-ups. A term whose address look-ups all come back empty is one void look-up, not one
 * for each mail server (4.6.4 counts terms): an IPv6 client must not break a policy whose ten servers speak
 * IPv4. One thread. */

#include "authenticator/address.h"
#include "dns/resolver.h"

struct spf_question {
    struct resolver *resolver;
    struct arena *arena;
    struct ip client;
    const char *sender_local, *sender_domain, *helo;
    enum proof_dnssec dnssec; /* out: the weakest of the answers used */
    bool everybody;           /* out: it passed by a term that matches every client, or nearly */
    unsigned answers;         /* out: how many those were */
};

enum spf_verdict spf_evaluate(struct spf_question *question, const char *domain, const char **why_out);

#endif
