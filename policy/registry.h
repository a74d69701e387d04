/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_REGISTRY_H
#define KHATM_POLICY_REGISTRY_H

/* Which domains are government, which are partners, and what each may get. registry_add copies and then owns;
 * readers borrow for the life of the registry. Immutable once shared: then thread-safe. A domain belongs to
 * an entry when it is the entry's own, or below it and the entry says so: two ministries under one parent
 * stay two entries. Whether the file may be believed (signature, permissions, age) is the reader's business,
 * not the table's. */

#include "policy/facts.h"
#include "policy/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGISTRY_MAX = 20000, REGISTRY_FINGERPRINT_ROOM = 41 };

enum registry_kind { REGISTRY_GOVERNMENT, REGISTRY_PARTNER };
enum registry_proof { PROOF_DKIM, PROOF_SPF, PROOF_BOTH, PROOF_EITHER };
enum registry_user_keys { USER_KEYS_NEVER, USER_KEYS_PREFER, USER_KEYS_LEVEL_3 };

struct registry_entry {
    enum registry_kind kind;
    const char *domain;            /* canonical (policy/domain.h) */
    const char *name_fr, *name_ar; /* UTF-8; NULL */
    bool subdomains;               /* domains below belong to it too */
    enum registry_proof proof;
    bool strict; /* names that prove must be the From domain itself, not only of the same entry */
    bool dnssec; /* what proves must come from signed zones */
    const char *key_fingerprint;     /* to seal with: 40 upper case hexadecimal digits; NULL: none */
    const char *signing_fingerprint; /* of what seals are signed with there; NULL: key_fingerprint */
    enum registry_user_keys user_keys;
    bool must_seal;
    bool delivers_broken;       /* what is sealed there and broken is delivered as it came, not refused */
    int max_level;              /* 0 to LEVEL_MAX */
    const char *const *circles; /* lower case; NULL-terminated; never NULL in a stored entry */
    int64_t expires;            /* first second at which it no longer counts, seconds since 1970; 0: never */
    const char *contact;        /* address; NULL */
    const char *reason;         /* of a partner; NULL for government */
};

struct known;
struct registry;

/* 40 hexadecimal digits, blanks between them as gpg shows them, into upper case without. */
enum policy_status registry_fingerprint(const char *text, char out[REGISTRY_FINGERPRINT_ROOM],
                                        struct refusal *refusal) POLICY_MUST_USE;

struct registry *registry_new(void); /* NULL: no memory */
void registry_free(struct registry *registry);
/* entry->domain and fingerprints may be as typed; the copy is canonical. Refuses what is not a domain, bad
 * fingerprints and levels, a domain named twice or already covered by another entry's subdomains, a partner
 * without reason or expiry, a name of which one label mixes scripts. */
enum policy_status registry_add(struct registry *registry, const struct registry_entry *entry,
                                struct refusal *refusal) POLICY_MUST_USE;
/* serial: grows with each issue; issued and expires: seconds since 1970. */
void registry_set_issue(struct registry *registry, int64_t serial, int64_t issued, int64_t expires);
int64_t registry_serial(const struct registry *registry);
int64_t registry_issued(const struct registry *registry);
int64_t registry_expires(const struct registry *registry);

/* domain is canonical. Expired partners are found too. NULL: not in the registry. */
const struct registry_entry *registry_find(const struct registry *registry, const char *domain);
size_t registry_count(const struct registry *registry);
/* Of the key that must have signed what an entry sealed; NULL: none is pinned. */
const char *registry_signer(const struct registry_entry *entry);
/* In the order added; NULL past the end. */
const struct registry_entry *registry_get(const struct registry *registry, size_t index);
/* Its domains as what may be feigned (policy/known.h), of its entries and with its life. */
const struct known *registry_known(const struct registry *registry);

/* May a message of this level with these caveats go to this entry: level within max_level, and ENQUETE only
 * where the circle "enquete" is named. */
enum fact registry_in_circle(const struct registry_entry *entry, int level, unsigned caveats);

#endif
