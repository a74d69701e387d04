/* SPDX-License-Identifier: Apache-2.0 */

/* An envelope address, and what it is among a registry, our own domains and consumer lists. Whatever it is: a
 * class with a printable reason; nothing in a well-formed address that a server could take for routing; a
 * lookalike is never in a list, and is taken for something that is; the class hangs on the canonical domain
 * alone, so upper case, a dot at the end and another mailbox change nothing. */

#include "policy/known.h"
#include "policy/mailbox.h"
#include "policy/recipient.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_MAX = 600, TODAY = 1795219200, LATER = TODAY + 86400 * 30 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *const own[] = {"interieur.gov.example", "int\u00e9rieur.example", NULL};
static const char consumer[] = "gmail.com\nyahoo.*\nposte.example\n";
static const struct registry_entry entries[] = {
    {.domain = "finances.gov.example", .max_level = 3},
    {.domain = "justice.gov.example", .max_level = 3, .subdomains = true},
    {.domain = "region1.gov.example", .max_level = 3},
    {.domain = "externe.gov.example", .max_level = 3},
    {.domain = "pr\u00e9fecture.example", .max_level = 3},
    {.domain = "\u0648\u0632\u0627\u0631\u0629.example", .max_level = 3},
    {.domain = "sport.gov.zz", .max_level = 3},
    {.domain = "sg.com", .kind = REGISTRY_PARTNER, .max_level = 1, .expires = LATER, .reason = "x"},
    {.domain = "ancien.example", .kind = REGISTRY_PARTNER, .max_level = 1, .expires = TODAY, .reason = "x"},
};

static struct registry *registry;
static struct lists *lists;
static char own_canonical[2][DOMAIN_ROOM];
static const char *own_domains[] = {own_canonical[0], own_canonical[1], NULL};

static void insist(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    registry = registry_new();
    lists = lists_new();
    insist(registry && lists &&
           lists_parse_consumer(lists, consumer, sizeof consumer - 1, NULL) == POLICY_OK);
    for (size_t i = 0; own[i]; i++)
        insist(domain_canonical(own[i], own_canonical[i]));
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        insist(registry_add(registry, &entries[i], NULL) == POLICY_OK);
    return 0;
}

static void classify(const char *address, struct recipient *out)
{
    recipient_classify(address, own_domains, registry, lists, TODAY, out);
}

static int is_own(const char *domain)
{
    return !strcmp(domain, own_domains[0]) || !strcmp(domain, own_domains[1]);
}

static void check_mailbox(const char *address, const char *domain)
{
    char again[DOMAIN_ROOM];
    const char *at = strrchr(address, '@');
    if (!at) {
        insist(!strcasecmp(address, "postmaster"));
        return;
    }
    for (const char *c = address; c < at; c++)
        insist((unsigned char)*c >= 0x20 && *c != 0x7f && !strchr("@%!<>()[],;:\\", *c));
    insist(*address != '|' && *address != '/' && *address != '-');
    insist(domain_canonical(domain, again) && !strcmp(domain, again));
}

static void check_lookalike(const struct recipient *recipient)
{
    const char *meant = recipient->suggestion;
    int known = is_own(meant);
    insist(!is_own(recipient->domain) && !registry_find(registry, recipient->domain));
    insist(!lists_find_consumer(lists, recipient->domain));
    for (size_t i = 0; i < registry_count(registry); i++)
        known |= domain_is_within(registry_get(registry, i)->domain, meant);
    insist(known && strcmp(meant, recipient->domain) != 0);
}

/* Another mailbox, the domain written in another way. */
static void check_same_domain(const struct recipient *recipient)
{
    char address[DOMAIN_ROOM + 8];
    struct recipient other;
    (void)snprintf(address, sizeof address, "x@%s.", recipient->domain);
    for (char *c = address + 2; *c; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - ('a' - 'A')) : *c;
    if (strlen(address) > 254)
        return;
    classify(address, &other);
    insist(other.class == recipient->class && !strcmp(other.domain, recipient->domain));
    insist(!strcmp(other.suggestion, recipient->suggestion) && other.entry == recipient->entry);
}

static void check(const char *address)
{
    struct recipient recipient;
    classify(address, &recipient);
    insist(*recipient.why != '\0');
    for (const char *c = recipient.why; *c; c++)
        insist(*c >= 0x20 && *c < 0x7f);
    insist((recipient.class == RCPT_MALFORMED) == !*recipient.domain);
    insist((recipient.class == RCPT_LOOKALIKE) == (*recipient.suggestion != '\0'));
    if (recipient.class == RCPT_MALFORMED)
        return;
    check_mailbox(address, recipient.domain);
    if (recipient.class == RCPT_LOOKALIKE)
        check_lookalike(&recipient);
    insist((recipient.class == RCPT_LOCAL) == is_own(recipient.domain));
    if (recipient.class == RCPT_GOVERNMENT || recipient.class == RCPT_PARTNER)
        insist(recipient.entry && recipient.entry == registry_find(registry, recipient.domain));
    check_same_domain(&recipient);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char address[ADDRESS_MAX];
    if (size >= sizeof address || memchr(bytes, '\0', size))
        return 0;
    memcpy(address, bytes, size);
    address[size] = '\0';
    check(address);
    return 0;
}
