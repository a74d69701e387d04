/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_PROOFS_H
#define KHATM_SENDER_PROOFS_H

/* What SPF (RFC 7208) and DKIM (RFC 6376, 8301, 8463) say about one message: plain data, in the arena of the
 * message. They are facts about domains, not a judgement of the sender: whether they suffice is for the
 * registry entry of the From domain to say. Only SPF_PROOF_PASS and a signature that `counts` prove anything;
 * whatever could not be learnt is try-later, never "there is no policy". Domains are lower case, without a
 * trailing dot, and valid as host names. The header's own claims (Authentication-Results, Received-SPF, ARC)
 * are never read. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum proof_dnssec {
    PROOF_DNSSEC_UNCHECKED, /* the resolver does not validate, or nothing was asked */
    PROOF_DNSSEC_INSECURE,
    PROOF_DNSSEC_SECURE,
};

enum spf_verdict {
    SPF_PROOF_NONE, /* no policy, nothing to check it against, or the client is our own machine or network */
    SPF_PROOF_NEUTRAL,
    SPF_PROOF_PASS,
    SPF_PROOF_FAIL,
    SPF_PROOF_SOFTFAIL,
    SPF_PROOF_TEMPERROR, /* DNS trouble: 4xx where it matters */
    SPF_PROOF_PERMERROR, /* the policy cannot be understood: not authenticated */
};

struct spf_proof {
    enum spf_verdict verdict;
    bool everybody;           /* PASS, but the policy lets the whole Internet: proves nothing */
    bool helo;                /* of the HELO name, since MAIL FROM was null: proves nothing by itself */
    const char *domain;       /* whose policy it is; "" when there was none to ask */
    enum proof_dnssec dnssec; /* of every answer that was used: the weakest of them */
    const char *why;          /* for a person; never NULL, printable ASCII */
};

/* How a header field is covered by a signature. OVER: listed once more than it occurs, so that none can be
 * added. */
enum proof_cover { PROOF_COVER_NOT, PROOF_COVER_SIGNED, PROOF_COVER_OVER };

enum dkim_algorithm { DKIM_ALGORITHM_OTHER, DKIM_ALGORITHM_RSA_SHA256, DKIM_ALGORITHM_ED25519_SHA256 };

struct dkim_proof {
    bool counts;                   /* both hashes match and nothing speaks against it */
    bool try_later;                /* its key could not be asked for: it may count another time */
    const char *why;               /* why it does not count, or "" */
    const char *domain, *selector; /* d= and s=; "" when they are missing or no names */
    enum dkim_algorithm algorithm;
    unsigned bits; /* of the key; 0: not known */
    bool signature_matches, body_hash_matches;
    bool test_key;   /* t=y */
    bool has_length; /* l= is there, whatever it covers */
    enum proof_cover from, content_type, transfer_encoding, subject, date, to, reply_to;
    int64_t signed_at, expires_at; /* t=, x=: seconds since 1970; 0: not said */
    enum proof_dnssec dnssec;      /* of the key */
};

/* More signatures in one message are not looked at; `more_signatures` says so. */
enum { PROOF_SIGNATURES_MAX = 12 };

struct proofs {
    struct spf_proof spf;
    const struct dkim_proof *signatures; /* from the top of the header down */
    size_t n_signatures;
    bool more_signatures;
    /* DNS trouble stood in the way of SPF or of a signature's key. Matters only where what was proved does
     * not suffice. */
    bool try_later;
    const char *try_later_why; /* "" unless try_later */
};

#endif
