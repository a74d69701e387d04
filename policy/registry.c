/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/registry.h"

#include "policy/domain.h"
#include "policy/known.h"
#include "policy/script.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FINGERPRINT_DIGITS = 40, CIRCLES_MAX = 64 };

struct stored {
    struct registry_entry entry; /* strings and circles are owned */
};

struct registry {
    struct stored **entries; /* in the order added */
    struct stored **sorted;  /* by domain */
    struct known *known;
    size_t count, room;
    int64_t serial, issued, expires;
};

struct registry *registry_new(void)
{
    struct registry *registry = calloc(1, sizeof *registry);
    struct known *known = registry ? known_new() : NULL;
    if (!known) {
        free(registry);
        return NULL;
    }
    registry->known = known;
    return registry;
}

/* Entries are handed out as const; here, at their end, they are ours again. */
static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void stored_free(struct stored *stored)
{
    if (!stored)
        return;
    struct registry_entry *e = &stored->entry;
    free_text(e->domain);
    free_text(e->name_fr);
    free_text(e->name_ar);
    free_text(e->key_fingerprint);
    free_text(e->signing_fingerprint);
    free_text(e->contact);
    free_text(e->reason);
    for (size_t i = 0; e->circles && e->circles[i]; i++)
        free_text(e->circles[i]);
    free((void *)(uintptr_t)e->circles);
    free(stored);
}

void registry_free(struct registry *registry)
{
    if (!registry)
        return;
    for (size_t i = 0; i < registry->count; i++)
        stored_free(registry->entries[i]);
    known_free(registry->known);
    free(registry->entries);
    free(registry->sorted);
    free(registry);
}

void registry_set_issue(struct registry *registry, int64_t serial, int64_t issued, int64_t expires)
{
    registry->serial = serial;
    registry->issued = issued;
    registry->expires = expires;
}

int64_t registry_serial(const struct registry *registry)
{
    return registry->serial;
}

int64_t registry_issued(const struct registry *registry)
{
    return registry->issued;
}

int64_t registry_expires(const struct registry *registry)
{
    return registry->expires;
}

const struct known *registry_known(const struct registry *registry)
{
    return registry->known;
}

size_t registry_count(const struct registry *registry)
{
    return registry->count;
}

const struct registry_entry *registry_get(const struct registry *registry, size_t index)
{
    return index < registry->count ? &registry->entries[index]->entry : NULL;
}

/* Where the domain is, or would be, in the sorted table. */
static size_t position(const struct registry *registry, const char *domain)
{
    size_t low = 0, high = registry->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(registry->sorted[middle]->entry.domain, domain) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct registry_entry *find_exact(const struct registry *registry, const char *domain)
{
    size_t at = position(registry, domain);
    if (at == registry->count || strcmp(registry->sorted[at]->entry.domain, domain) != 0)
        return NULL;
    return &registry->sorted[at]->entry;
}

const struct registry_entry *registry_find(const struct registry *registry, const char *domain)
{
    const struct registry_entry *entry = find_exact(registry, domain);
    while (!entry && (domain = domain_parent(domain))) {
        entry = find_exact(registry, domain);
        if (entry)
            return entry->subdomains ? entry : NULL;
    }
    return entry;
}

enum fact registry_in_circle(const struct registry_entry *entry, int level, unsigned caveats)
{
    if (level > entry->max_level)
        return FACT_NO;
    if (!(caveats & CAVEAT_ENQUETE))
        return FACT_YES;
    for (size_t i = 0; entry->circles && entry->circles[i]; i++)
        if (!strcmp(entry->circles[i], "enquete"))
            return FACT_YES;
    return FACT_NO;
}

/* Odd bytes are shown, since NBSP or bidi marks that came
 * along with a copied fingerprint cannot be seen. */
enum policy_status registry_fingerprint(const char *text, char out[REGISTRY_FINGERPRINT_ROOM],
                                        struct refusal *refusal)
{
    size_t n = 0;
    for (size_t i = 0; text[i]; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == ' ')
            continue;
        bool digit = c >= '0' && c <= '9', upper = c >= 'A' && c <= 'F', lower = c >= 'a' && c <= 'f';
        if (!digit && !upper && !lower)
            return policy_refuse(refusal,
                                 "the fingerprint has the byte 0x%02x%s at position %zu: type it again, "
                                 "40 hexadecimal digits",
                                 c, c == 0xc2 ? " (a no-break space?)" : "", i + 1);
        if (n == FINGERPRINT_DIGITS)
            return policy_refuse(refusal,
                                 "the fingerprint has more than 40 hexadecimal digits: copy the line that "
                                 "gpg --fingerprint shows");
        out[n++] = lower ? (char)(c - ('a' - 'A')) : (char)c;
    }
    out[n] = '\0';
    if (n != FINGERPRINT_DIGITS)
        return policy_refuse(refusal,
                             "the fingerprint has %zu hexadecimal digits instead of 40: key ids are not "
                             "enough, copy the line that gpg --fingerprint shows",
                             n);
    return POLICY_OK;
}

static enum policy_status check_overlap(const struct registry *registry, const char *domain, bool subdomains,
                                        struct refusal *refusal)
{
    if (find_exact(registry, domain))
        return policy_refuse(refusal, "'%s' is there twice: keep one entry", domain);
    for (const char *up = domain_parent(domain); up; up = domain_parent(up)) {
        const struct registry_entry *above = find_exact(registry, up);
        if (above && above->subdomains)
            return policy_refuse(refusal,
                                 "'%s' already belongs to '%s' (subdomains = yes): drop one, or set "
                                 "subdomains = no there",
                                 domain, up);
    }
    for (size_t i = 0; subdomains && i < registry->count; i++)
        if (domain_is_within(registry->entries[i]->entry.domain, domain))
            return policy_refuse(refusal,
                                 "'%s' (subdomains = yes) takes in '%s', which has an entry of its own: "
                                 "drop one, or set subdomains = no",
                                 domain, registry->entries[i]->entry.domain);
    return POLICY_OK;
}

static enum policy_status check_entry(const struct registry *registry, const struct registry_entry *entry,
                                      struct refusal *refusal)
{
    if (entry->max_level < 0 || entry->max_level > LEVEL_MAX)
        return policy_refuse(refusal, "max-level = %d: levels go from 0 to %d", entry->max_level, LEVEL_MAX);
    if (entry->kind == REGISTRY_PARTNER && (!entry->reason || !*entry->reason))
        return policy_refuse(refusal, "partner '%s' has no reason: say why it gets documents, reason = \"…\"",
                             entry->domain);
    if (entry->kind == REGISTRY_PARTNER && entry->expires <= 0)
        return policy_refuse(refusal, "partner '%s' has no last day: add expires = \"YYYY-MM-DD\"",
                             entry->domain);
    if (registry->count >= REGISTRY_MAX)
        return policy_refuse(refusal, "more than %d entries: join some", REGISTRY_MAX);
    return POLICY_OK;
}

static bool copy_text(const char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

static const char *const *copy_circles(const char *const *circles)
{
    size_t n = 0;
    while (circles && circles[n] && n < CIRCLES_MAX)
        n++;
    char **copy = calloc(n + 1, sizeof *copy);
    for (size_t i = 0; copy && i < n; i++) {
        copy[i] = strdup(circles[i]);
        if (copy[i])
            continue;
        while (i--)
            free(copy[i]);
        free(copy);
        return NULL;
    }
    return (const char *const *)copy;
}

/* What is stored of an entry in another form than it was typed in. */
struct canonical {
    char domain[DOMAIN_ROOM], key[REGISTRY_FINGERPRINT_ROOM], signing[REGISTRY_FINGERPRINT_ROOM];
};

static struct stored *stored_new(const struct registry_entry *entry, const struct canonical *canonical)
{
    struct stored *stored = calloc(1, sizeof *stored);
    if (!stored)
        return NULL;
    struct registry_entry *e = &stored->entry;
    *e = *entry;
    e->domain = e->name_fr = e->name_ar = e->key_fingerprint = e->signing_fingerprint = e->contact =
        e->reason = NULL;
    e->circles = copy_circles(entry->circles);
    const char *key = entry->key_fingerprint ? canonical->key : NULL;
    const char *signing = entry->signing_fingerprint ? canonical->signing : NULL;
    if (e->circles && copy_text(&e->domain, canonical->domain) && copy_text(&e->key_fingerprint, key) &&
        copy_text(&e->signing_fingerprint, signing) && copy_text(&e->name_fr, entry->name_fr) &&
        copy_text(&e->name_ar, entry->name_ar) && copy_text(&e->contact, entry->contact) &&
        copy_text(&e->reason, entry->reason))
        return stored;
    stored_free(stored);
    return NULL;
}

static bool make_room(struct registry *registry)
{
    if (registry->count < registry->room)
        return true;
    size_t room = registry->room ? registry->room * 2 : 64;
    struct stored **entries = realloc(registry->entries, room * sizeof(struct stored *));
    if (!entries)
        return false;
    registry->entries = entries;
    struct stored **sorted = realloc(registry->sorted, room * sizeof(struct stored *));
    if (!sorted)
        return false;
    registry->sorted = sorted;
    registry->room = room;
    return true;
}

/* What cannot be seen is named: a no-break space in a copied name looks like nothing at all. */
static enum policy_status refuse_domain(const char *domain, struct refusal *refusal)
{
    size_t at = 0;
    char room[16];
    uint32_t invisible = script_find_invisible(domain, &at);
    if (invisible)
        return policy_refuse(refusal, "'%.*s' followed by %s is not a mail domain: type it again", (int)at,
                             domain, script_invisible_name(invisible, room));
    at = strcspn(domain, " \t");
    if (domain[at])
        return policy_refuse(refusal, "'%.*s' followed by a blank is not a mail domain: type it again",
                             (int)at, domain);
    return policy_refuse(refusal, "'%s' is not a mail domain: write it like interieur.gov.example", domain);
}

static enum policy_status check_scripts(const char *domain, struct refusal *refusal)
{
    struct script_mix mix;
    if (!script_is_mixed(domain, &mix))
        return POLICY_OK;
    return policy_refuse(
        refusal,
        "'%s' (%s) has %s and %s letters in one name, so it may look like another: type it again "
        "in one script",
        mix.label, domain, mix.first, mix.second);
}

static enum policy_status take_fingerprints(const struct registry_entry *entry, struct canonical *canonical,
                                            struct refusal *refusal)
{
    struct refusal why = {0};
    enum policy_status status = entry->key_fingerprint
                                    ? registry_fingerprint(entry->key_fingerprint, canonical->key, refusal)
                                    : POLICY_OK;
    if (status == POLICY_OK && entry->signing_fingerprint &&
        registry_fingerprint(entry->signing_fingerprint, canonical->signing, &why) != POLICY_OK)
        status = policy_refuse(refusal, "signing-key: %s", why.text);
    return status;
}

const char *registry_signer(const struct registry_entry *entry)
{
    return entry->signing_fingerprint ? entry->signing_fingerprint : entry->key_fingerprint;
}

enum policy_status registry_add(struct registry *registry, const struct registry_entry *entry,
                                struct refusal *refusal)
{
    struct canonical canonical;
    char *domain = canonical.domain;
    size_t at = 0;
    /* IDNA drops some of what cannot be seen; what is typed must be what is meant. */
    if (script_find_invisible(entry->domain, &at) || !domain_canonical(entry->domain, domain) ||
        !domain_parent(domain))
        return refuse_domain(entry->domain, refusal);
    enum policy_status status = check_entry(registry, entry, refusal);
    if (status == POLICY_OK)
        status = check_scripts(domain, refusal);
    if (status == POLICY_OK)
        status = check_overlap(registry, domain, entry->subdomains, refusal);
    if (status == POLICY_OK)
        status = take_fingerprints(entry, &canonical, refusal);
    if (status != POLICY_OK)
        return status;
    struct stored *stored = stored_new(entry, &canonical);
    if (!stored || !make_room(registry) ||
        known_add(registry->known, stored->entry.domain, entry->kind == REGISTRY_GOVERNMENT) != POLICY_OK) {
        stored_free(stored);
        return POLICY_NO_MEMORY;
    }
    at = position(registry, domain);
    memmove(registry->sorted + at + 1, registry->sorted + at,
            (registry->count - at) * sizeof *registry->sorted);
    registry->sorted[at] = stored;
    registry->entries[registry->count++] = stored;
    return POLICY_OK;
}
