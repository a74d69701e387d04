/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_OUTLOOK_H
#define KHATM_SEAL_OUTLOOK_H

/* How long the keys of a registry will do: the log, the commands and the report all forecast by this. A key
 * is announced 60, 30 and 7 days before its end. Nothing here looks a key up but in the cache. */

#include "policy/registry.h"
#include "seal/keys.h"

enum outlook_stage {
    OUTLOOK_NONE,    /* the entry names no key */
    OUTLOOK_UNKNOWN, /* nobody could say */
    OUTLOOK_GOOD,
    OUTLOOK_60, /* 60 days or less */
    OUTLOOK_30,
    OUTLOOK_7,
    OUTLOOK_UNUSABLE,
};

enum { OUTLOOK_WORDS = 400 };

struct outlook {
    const struct registry_entry *entry; /* borrowed */
    const char *address;                /* whose own key it is; NULL: the domain's; borrowed */
    struct key_info key;
    enum outlook_stage stage;
    int days_left; /* with OUTLOOK_60, _30, _7: whole days until the key's end */
};

/* keys: NULL: they cannot be asked. now: seconds since 1970. An entry whose own last day is over needs no
 * key. */
struct outlook outlook_of(const struct registry_entry *entry, const struct keys *keys, int64_t now);

/* The same for a key that has been looked up: of `address` when that is not NULL. */
struct outlook outlook_of_key(const struct registry_entry *entry, const char *address,
                              const struct key_info *key, int64_t now);
/* The entry whose key may vouch for this address, and has: NULL: none. A certifier without an address, or one
 * for a domain that is not its own, vouches for nothing. */
const struct registry_entry *outlook_entry_for(const struct registry *registry, const char *address,
                                               const char *certifier);

/* How soon an end is: good for 0, which is never, OUTLOOK_UNUSABLE when it is past. *days_left_out: whole
 * days until then, 0 where there are none. */
enum outlook_stage outlook_stage_at(int64_t ends, int64_t now, int *days_left_out);
/* "good", "60-days" … : for machines. */
const char *outlook_name(enum outlook_stage stage);
/* Is there something to be done? */
bool outlook_is_news(enum outlook_stage stage);
/* "the key 0123… of finances.gov.example expires on 2027-01-20, in 59 days". With a stage that is news. */
void outlook_say(const struct outlook *outlook, char words[OUTLOOK_WORDS]);

#endif
