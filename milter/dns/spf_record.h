/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DNS_SPF_RECORD_H
#define KHATM_DNS_SPF_RECORD_H

/* The grammar of an SPF record, RFC 7208 sections 4.5, 4.6, 5, 6 and 7.1, to its last character: a record
 * with one wrong term anywhere is no record, as 4.6 demands. Our own, because libspf2 takes what is not SPF
 * for SPF. Terms point into the arena. Pure. */

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spf_mechanism {
    SPF_ALL,
    SPF_INCLUDE,
    SPF_A,
    SPF_MX,
    SPF_PTR,
    SPF_IP4,
    SPF_IP6,
    SPF_EXISTS,
};

enum {
    SPF_RECORD_BYTES_MAX = 8 * 1024,
    SPF_TERMS_MAX = 300,
    SPF_BROAD_CIDR4 = 8, /* shorter prefixes are no set of mail servers, but a good part of the Internet */
    SPF_BROAD_CIDR6 = 16,
};

struct spf_term {
    enum spf_mechanism mechanism;
    char qualifier;        /* + - ~ ? */
    const char *domain;    /* macro string; NULL: the current domain */
    unsigned cidr4, cidr6; /* bits; 32 and 128 when not said */
    uint8_t network[16];   /* of ip4 (4 octets) and ip6 */
};

struct spf_record {
    struct spf_term *terms;
    size_t n_terms;
    const char *redirect; /* NULL: none */
    bool has_all;
};

/* "v=spf1" and then a space or the end, in any case. */
bool spf_record_is_one(const uint8_t *bytes, size_t size);
/* RESULT_BAD_INPUT: not the grammar; *why_out says where, for a person. RESULT_TRY_LATER: no memory. */
enum result spf_record_parse(const uint8_t *bytes, size_t size, struct arena *arena,
                             struct spf_record *record_out, const char **why_out) MUST_USE;

#endif
