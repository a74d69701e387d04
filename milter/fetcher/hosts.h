/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_FETCHER_HOSTS_H
#define KHATM_FETCHER_HOSTS_H

/* Which server has the keys of a domain, and at which addresses: openpgpkey.DOMAIN, and only where there is
 * no such name the domain itself (draft-koch-openpgp-webkey-service, 3.1). Whoever can write a zone must not
 * be able to make us knock at a door of our own network: addresses that are not of the Internet are left out,
 * unless the settings name them. */

#include "base/ip.h"
#include "dns/resolver.h"

struct hosts_allowed {
    const struct ip_network *networks; /* that may be asked though they are not of the Internet */
    size_t n_networks;
};

enum { HOSTS_ADDRESSES_MAX = 8, HOSTS_NAME_ROOM = 254 };

struct hosts_found {
    char host[HOSTS_NAME_ROOM];
    bool advanced;
    struct ip addresses[HOSTS_ADDRESSES_MAX];
    size_t n_addresses;
};

bool hosts_may_ask(const struct hosts_allowed *allowed, const struct ip *ip);

/* Between resolver_begin and resolver_end. RESULT_NOT_FOUND: neither name has an address. RESULT_TRY_LATER:
 * DNS did not say. RESULT_BAD_INPUT: it has only addresses that may not be asked. *problem: a phrase. */
enum result hosts_find(struct resolver *resolver, const char *domain, const struct hosts_allowed *allowed,
                       struct hosts_found *found_out, struct problem *problem) MUST_USE;

#endif
