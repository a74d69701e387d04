/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_RECIPIENT_H
#define KHATM_POLICY_RECIPIENT_H

/* What a recipient address is. Order: malformed, local, registry, consumer list, lookalike, other; so the
 * registry decides, and an honest consumer domain is never called a lookalike. A lookalike is a foreign
 * domain that a reader takes for one of the registry or of our own (policy/lookalike.h). Malformed are
 * addresses that another mail server could read in another way (policy/mailbox.h), and those whose domain is
 * one label that is not ours. A +tag never changes the class. Pure; thread-safe. */

#include "policy/domain.h"
#include "policy/facts.h"
#include "policy/lists.h"
#include "policy/registry.h"

#include <stdint.h>

struct recipient {
    enum rcpt_class class;
    char domain[DOMAIN_ROOM];           /* canonical; "" when malformed */
    char why[2 * DOMAIN_ROOM];          /* one phrase, ASCII */
    char suggestion[DOMAIN_ROOM];       /* a domain that was probably meant; "" none */
    const struct registry_entry *entry; /* in the registry, also of an expired partner; NULL: not listed */
};

/* address: without <>. local_domains: canonical, NULL-terminated. today_seconds: since 1970, for expiry. */
void recipient_classify(const char *address, const char *const *local_domains,
                        const struct registry *registry, const struct lists *lists, int64_t today_seconds,
                        struct recipient *out);

#endif
