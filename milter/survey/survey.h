/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SURVEY_SURVEY_H
#define KHATM_SURVEY_SURVEY_H

/* What a domain publishes in DNS about its mail, looked at as a whole and without a message: SPF (RFC 7208),
 * DKIM keys (RFC 6376), DMARC (RFC 7489), MX (RFC 5321). Where the check of a message stops at the first term
 * that fits its client, this one reads a policy to its end: good means that every client gets an answer.
 * Plain data in the arena; every text is printable ASCII, records are written as in a zone file (RFC 1035,
 * 5.1). Nothing here is a judgement by the registry: `demands` makes that. One thread. */

#include "dns/dkim_key.h"
#include "dns/resolver.h"

enum {
    SURVEY_SELECTORS_MAX = 16,
    SURVEY_HOSTS_MAX = 20, /* of an MX; those beyond are counted only */
    SURVEY_NOTES_MAX = 8,
};

enum survey_state {
    SURVEY_GOOD,
    SURVEY_ABSENT,  /* nothing is published */
    SURVEY_UNKNOWN, /* DNS did not say: nothing is known */
    SURVEY_BAD,     /* what is published is of no use */
};

/* Advice that changes no state. */
struct survey_notes {
    const char *texts[SURVEY_NOTES_MAX];
    size_t n;
};

struct survey_spf {
    enum survey_state state;
    const char *why;      /* "" when good */
    const char *record;   /* NULL: none, or more than one */
    unsigned lookups;     /* terms that ask DNS, included policies too; 10 are allowed */
    unsigned voids[2];    /* of these, terms that find nothing, for clients with IPv4 and with IPv6; 2 are */
    bool depends;         /* some terms ask for names that depend on the client, and were not followed */
    bool some, everybody; /* whom it lets send: anybody at all, and the whole Internet */
    char all;             /* what becomes of the rest: + - ~ ?; '\0': it does not say */
    enum proof_dnssec dnssec; /* the weakest of all answers */
    struct survey_notes notes;
};

/* A key of our own, with which this gateway signs. */
struct survey_own {
    const char *domain, *selector;
    const char *record; /* that must be published */
};

struct survey_key {
    const char *selector;
    const char *own; /* the record that must be there, since we sign with that key; NULL: not known */
    enum survey_state state;
    const char *why;
    const char *record;
    struct dkim_key key;
    unsigned bits; /* 0: not known */
    enum proof_dnssec dnssec;
    struct survey_notes notes;
};

struct survey_dmarc {
    enum survey_state state;
    const char *why;
    const char *record;
    const char *found_at; /* the domain itself or one above it; NULL */
    const char *policy;   /* for mail of this very domain: "none", "quarantine" or "reject"; NULL */
    enum proof_dnssec dnssec;
    struct survey_notes notes;
};

struct survey_host {
    unsigned preference;
    const char *name;
    enum survey_state state; /* whether it has an address */
};

struct survey_mx {
    enum survey_state state; /* good: one of them has an address */
    const char *why;
    struct survey_host hosts[SURVEY_HOSTS_MAX]; /* the most preferred first */
    size_t n_hosts, n_more;
    enum proof_dnssec dnssec;
};

struct survey {
    const char *domain;
    struct survey_spf spf;
    struct survey_key keys[SURVEY_SELECTORS_MAX];
    size_t n_keys;
    struct survey_dmarc dmarc;
    struct survey_mx mx;
};

struct survey_request {
    struct resolver *resolver;
    struct arena *arena;
    int64_t deadline_ms; /* for each of SPF, DKIM, and DMARC with MX */
    const char *domain;  /* canonical */
    const char *const *selectors;
    size_t n_selectors;
    const struct survey_own *own; /* those of `domain` are looked at as if their selectors were given, too */
    size_t n_own;
};

/* Never fails: what could not be learnt is SURVEY_UNKNOWN. All of `survey_out` is filled. */
void survey_run(const struct survey_request *request, struct survey *survey_out);

/* The four parts, each between resolver_begin and resolver_end. */
void survey_spf(struct resolver *resolver, struct arena *arena, const char *domain, struct survey_spf *out);
/* Reads selector and own. */
void survey_dkim(struct resolver *resolver, struct arena *arena, const char *domain, struct survey_key *out);
void survey_dmarc(struct resolver *resolver, struct arena *arena, const char *domain,
                  struct survey_dmarc *out);
void survey_mx(struct resolver *resolver, struct arena *arena, const char *domain, struct survey_mx *out);

/* Printable ASCII; "…" when there is no memory. */
const char *survey_say(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
void survey_note(struct survey_notes *notes, const char *text);
/* As between the quotation marks of a zone file. NULL: no memory. */
const char *survey_zone_text(struct arena *arena, const struct dns_record *record);

#endif
