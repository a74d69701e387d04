/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_SIGN_OUTLOOK_H
#define KHATM_SEAL_SIGN_OUTLOOK_H

/* How long the key that signs here will do (docs/signing.md), by the steps of outlook.h, and whether the
 * registry names that key for the domains of this gateway: who receives what is sealed goes by the registry.
 */

#include "config/config.h"
#include "seal/outlook.h"
#include "seal/seal.h"

enum sign_state {
    SIGN_USABLE,
    SIGN_UNKNOWN, /* nobody could say */
    SIGN_HOME,    /* its home holds no keys that we may read */
    SIGN_MISSING,
    SIGN_EXPIRED,
    SIGN_REVOKED,
    SIGN_SECRET, /* no secret half */
    SIGN_USE,    /* not a key that signs */
    SIGN_WEAK,
    SIGN_FAILS,
    SIGN_UNPINNED, /* the registry pins another, or none, for a domain of ours */
    SIGN_UNUSED,   /* the registry names a signing-key for a domain of ours, and nothing is signed here */
};

struct sign_outlook {
    enum sign_state state;
    enum outlook_stage stage;
    const struct registry_entry *entry; /* with SIGN_UNPINNED and SIGN_UNUSED: of which domain; else NULL */
    const char *key;  /* that signs by khatm.conf, or with SIGN_UNUSED by the registry; borrowed */
    const char *home; /* NULL: with SIGN_UNUSED */
    int64_t ends;     /* seconds since 1970; with SIGN_EXPIRED when it did; 0: never, or not known */
    int days_left;
    struct problem why; /* what the sealer says; with SIGN_HOME to SIGN_FAILS */
};

/* Calls visit for the key that signs, if any, and then for each domain of ours at odds with the registry.
 * sealer: one with config's signing; NULL: nobody can be asked. */
void sign_outlook_each(const struct config *config, struct sealer *sealer, int64_t now,
                       void (*visit)(void *context, const struct sign_outlook *outlook), void *context);

/* "usable", "no-secret" …: for machines. */
const char *sign_state_name(enum sign_state state);
/* "the signing key 0123… in HOME ends on 2027-01-20, in 59 days". With a stage that is news. */
void sign_outlook_say(const struct sign_outlook *outlook, char words[OUTLOOK_WORDS]);
/* What mends it, for the administrator. */
void sign_outlook_mend(const struct sign_outlook *outlook, char words[OUTLOOK_WORDS]);

#endif
