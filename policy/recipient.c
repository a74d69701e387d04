/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/recipient.h"

#include "policy/date.h"
#include "policy/known.h"
#include "policy/mailbox.h"
#include "policy/names.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_local(const char *domain, const char *const *local_domains)
{
    for (size_t i = 0; local_domains && local_domains[i]; i++)
        if (!strcmp(local_domains[i], domain))
            return true;
    return false;
}

static void classify_listed(const struct registry_entry *entry, int64_t today_seconds, struct recipient *out)
{
    char day[DATE_ROOM];
    out->entry = entry;
    date_format(entry->expires - DAY_SECONDS, day);
    if (entry->expires && today_seconds >= entry->expires) {
        out->class = RCPT_OTHER;
        (void)snprintf(out->why, sizeof out->why, "registry entry %s expired, its last day was %s",
                       entry->domain, day);
        return;
    }
    bool partner = entry->kind == REGISTRY_PARTNER;
    out->class = partner ? RCPT_PARTNER : RCPT_GOVERNMENT;
    (void)snprintf(out->why, sizeof out->why, "registry %s %s%s%s", partner ? "partner" : "entry",
                   entry->domain, entry->expires ? " until " : "", entry->expires ? day : "");
}

static void classify_unlisted(const char *const *local_domains, const struct registry *registry,
                              const struct lists *lists, struct recipient *out)
{
    const char *consumer = lists_find_consumer(lists, out->domain);
    if (consumer) {
        out->class = RCPT_CONSUMER;
        (void)snprintf(out->why, sizeof out->why, "consumer mail: %s", consumer);
        return;
    }
    struct known_likeness like = known_find(registry_known(registry), local_domains, out->domain);
    if (like.meant) {
        out->class = RCPT_LOOKALIKE;
        (void)snprintf(out->suggestion, sizeof out->suggestion, "%s", like.meant);
        (void)snprintf(out->why, sizeof out->why, "looks like %s: %s", like.meant, like.how);
        return;
    }
    out->class = RCPT_OTHER;
    (void)snprintf(out->why, sizeof out->why, "%s is in no list", out->domain);
}

static void set_malformed(const char *why, struct recipient *out)
{
    out->class = RCPT_MALFORMED;
    out->domain[0] = '\0';
    (void)snprintf(out->why, sizeof out->why, "%s", why);
}

/* RFC 5321 4.5.1: the one address without a domain, of whoever is asked. */
static bool is_bare_postmaster(const char *address, const char *const *local_domains)
{
    return local_domains && local_domains[0] && !strcasecmp(address, "postmaster");
}

void recipient_classify(const char *address, const char *const *local_domains,
                        const struct registry *registry, const struct lists *lists, int64_t today_seconds,
                        struct recipient *out)
{
    memset(out, 0, sizeof *out);
    const char *odd = NULL;
    if (is_bare_postmaster(address, local_domains))
        (void)snprintf(out->domain, sizeof out->domain, "%s", local_domains[0]);
    else
        odd = mailbox_split(address, out->domain);
    if (odd) {
        set_malformed(odd, out);
        return;
    }
    const struct registry_entry *entry = registry_find(registry, out->domain);
    if (is_local(out->domain, local_domains)) {
        out->class = RCPT_LOCAL;
        out->entry = entry;
        (void)snprintf(out->why, sizeof out->why, "our own domain %s", out->domain);
    } else if (!domain_parent(out->domain)) {
        set_malformed("half a domain, which some servers complete with their own: write the whole address",
                      out);
    } else if (entry) {
        classify_listed(entry, today_seconds, out);
    } else {
        classify_unlisted(local_domains, registry, lists, out);
    }
}
