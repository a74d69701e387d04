/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/recipient.h"

#include "policy/date.h"
#include "policy/lookalike.h"
#include "policy/names.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ADDRESS_MAX = 512 }; /* RFC 5321 4.5.3.1 gives 256; longer ones are nobody's mailbox */

/* Bytes that another server could read as routing, quoting or list syntax. NULL: none. */
static const char *odd_byte(const char *local, size_t length)
{
    static const struct {
        char byte;
        const char *why;
    } odd[] = {
        {'%', "a % in the local part is a route to another domain on some servers"},
        {'!', "a ! in the local part is a route to another domain on some servers"},
        {'\\', "a backslash in the local part is read in two ways"},
        {'<', "angle brackets within the address"},
        {'>', "angle brackets within the address"},
        {'(', "a comment within the address"},
        {')', "a comment within the address"},
        {'[', "brackets in the local part"},
        {']', "brackets in the local part"},
        {',', "a comma in the local part"},
        {';', "a semicolon in the local part"},
        {':', "a colon in the local part"},
    };
    for (size_t i = 0; i < length; i++)
        for (size_t k = 0; k < sizeof odd / sizeof *odd; k++)
            if (local[i] == odd[k].byte)
                return odd[k].why;
    return NULL;
}

/* What makes the local part one that two servers could read in two ways; NULL: nothing. */
static const char *odd_local(const char *local, size_t length)
{
    bool quoted = length >= 2 && local[0] == '"' && local[length - 1] == '"';
    if (!length)
        return "nothing stands before the @";
    if (memchr(local, '@', length))
        return quoted ? "a quoted local part with an @" : "more than one @";
    for (size_t i = 0; i < length; i++) {
        bool inner = quoted && i > 0 && i + 1 < length;
        if (local[i] == '"' && (inner || !quoted))
            return "a quotation mark within the local part";
        if (local[i] == ' ' && !quoted)
            return "a blank within the address";
    }
    return odd_byte(local, length);
}

static const char *odd_address(const char *address)
{
    if (!*address)
        return "the address is empty";
    if (strlen(address) > ADDRESS_MAX)
        return "the address is too long";
    for (const unsigned char *c = (const unsigned char *)address; *c; c++)
        if (*c < 0x20 || *c == 0x7f)
            return "a control character within the address";
    if (*address == '@')
        return "a source route";
    return NULL;
}

static bool is_ascii(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

/* Fills out->domain; NULL when the address is well formed, else why not. */
static const char *split(const char *address, struct recipient *out)
{
    const char *odd = odd_address(address);
    const char *at = strrchr(address, '@');
    if (odd)
        return odd;
    if (!at)
        return "no domain: write the whole address";
    if ((odd = odd_local(address, (size_t)(at - address))))
        return odd;
    if (!is_ascii(address, (size_t)(at - address)))
        return "the local part has letters beyond ASCII";
    if (at[1] == '[')
        return "an address literal instead of a domain";
    if (!domain_canonical(at + 1, out->domain))
        return "what stands after the @ is not a domain";
    return NULL;
}

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

static void set_lookalike(const char *meant, const char *how, struct recipient *out)
{
    out->class = RCPT_LOOKALIKE;
    (void)snprintf(out->suggestion, sizeof out->suggestion, "%s", meant);
    (void)snprintf(out->why, sizeof out->why, "looks like %s: %s", meant, how);
}

/* All domains that are worth feigning: ours, then the registry's; NULL past the end. */
static const char *known_domain(const char *const *local_domains, const struct registry *registry,
                                size_t index)
{
    size_t n = 0;
    for (; local_domains && local_domains[n]; n++)
        if (n == index)
            return local_domains[n];
    const struct registry_entry *entry = registry_get(registry, index - n);
    return entry ? entry->domain : NULL;
}

static bool find_lookalike(const char *const *local_domains, const struct registry *registry,
                           struct recipient *out)
{
    const char *known, *how;
    for (size_t i = 0; (known = known_domain(local_domains, registry, i)); i++)
        if (domain_is_within(out->domain, known))
            return false; /* below one that does not vouch for it: unlisted, but not feigned */
    for (size_t i = 0; (known = known_domain(local_domains, registry, i)); i++) {
        if (!lookalike_of(out->domain, known, &how))
            continue;
        set_lookalike(known, how, out);
        return true;
    }
    /* Only now the endings, which say less of what was meant. */
    for (size_t i = 0; (known = known_domain(local_domains, registry, i)); i++) {
        const char *ending = lookalike_ending(out->domain, known);
        if (!ending)
            continue;
        set_lookalike(ending, "its ending is one letter away", out);
        return true;
    }
    return false;
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
    if (find_lookalike(local_domains, registry, out))
        return;
    out->class = RCPT_OTHER;
    (void)snprintf(out->why, sizeof out->why, "%s is in no list", out->domain);
}

void recipient_classify(const char *address, const char *const *local_domains,
                        const struct registry *registry, const struct lists *lists, int64_t today_seconds,
                        struct recipient *out)
{
    memset(out, 0, sizeof *out);
    const char *odd = split(address, out);
    if (odd) {
        out->class = RCPT_MALFORMED;
        out->domain[0] = '\0';
        (void)snprintf(out->why, sizeof out->why, "%s", odd);
        return;
    }
    const struct registry_entry *entry = registry_find(registry, out->domain);
    if (is_local(out->domain, local_domains)) {
        out->class = RCPT_LOCAL;
        out->entry = entry;
        (void)snprintf(out->why, sizeof out->why, "our own domain %s", out->domain);
    } else if (entry) {
        classify_listed(entry, today_seconds, out);
    } else {
        classify_unlisted(local_domains, registry, lists, out);
    }
}
