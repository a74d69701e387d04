/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey.h"

#include <stdlib.h>
#include <string.h>

static int by_preference(const void *a, const void *b)
{
    const struct survey_host *x = a, *y = b;
    if (x->preference != y->preference)
        return x->preference < y->preference ? -1 : 1;
    return strcmp(x->name, y->name);
}

static enum survey_state addresses_of(struct resolver *resolver, const char *name)
{
    resolver_start(resolver, name, DNS_AAAA);
    enum dns_status four = resolver_ask(resolver, name, DNS_A)->status;
    if (four == DNS_FOUND)
        return SURVEY_GOOD;
    enum dns_status six = resolver_ask(resolver, name, DNS_AAAA)->status;
    if (six == DNS_FOUND)
        return SURVEY_GOOD;
    if (four == DNS_TRY_LATER || six == DNS_TRY_LATER)
        return SURVEY_UNKNOWN;
    return four == DNS_VOID && six == DNS_VOID ? SURVEY_ABSENT : SURVEY_BAD;
}

static void no_record(struct resolver *resolver, const char *domain, struct survey_mx *out)
{
    switch (addresses_of(resolver, domain)) {
    case SURVEY_GOOD:
        out->state = SURVEY_ABSENT;
        out->why = "there is none, so that mail goes to the domain's own address (RFC 5321 5.1)";
        return;
    case SURVEY_UNKNOWN:
        out->state = SURVEY_UNKNOWN;
        out->why = "there is none, and DNS does not say whether the domain has an address";
        return;
    case SURVEY_ABSENT:
    case SURVEY_BAD:
        break;
    }
    out->state = SURVEY_ABSENT;
    out->why = "there is none, and no address either: mail cannot be delivered to this domain";
}

static void look_at_hosts(struct resolver *resolver, struct survey_mx *out)
{
    bool good = false, unknown = false;
    for (size_t i = 0; i < out->n_hosts; i++) {
        out->hosts[i].state = addresses_of(resolver, out->hosts[i].name);
        good |= out->hosts[i].state == SURVEY_GOOD;
        unknown |= out->hosts[i].state == SURVEY_UNKNOWN;
    }
    out->state = good ? SURVEY_GOOD : unknown ? SURVEY_UNKNOWN : SURVEY_BAD;
    if (!good)
        out->why = unknown ? "DNS does not say whether its hosts have addresses"
                           : "none of its hosts has an address";
}

void survey_mx(struct resolver *resolver, struct arena *arena, const char *domain, struct survey_mx *out)
{
    const struct dns_answer *answer = resolver_ask(resolver, domain, DNS_MX);
    *out = (struct survey_mx){.state = SURVEY_UNKNOWN, .why = "", .dnssec = answer->dnssec};
    if (answer->status == DNS_VOID) {
        no_record(resolver, domain, out);
        return;
    }
    if (answer->status != DNS_FOUND) {
        out->state = answer->status == DNS_TRY_LATER ? SURVEY_UNKNOWN : SURVEY_BAD;
        out->why = survey_say(arena, "%s", answer->why);
        return;
    }
    for (size_t i = 0; i < answer->n_records && i < SURVEY_HOSTS_MAX; i++)
        out->hosts[out->n_hosts++] =
            (struct survey_host){.preference = answer->records[i].preference,
                                 .name = survey_say(arena, "%s", (const char *)answer->records[i].bytes)};
    out->n_more = answer->n_records - out->n_hosts;
    qsort(out->hosts, out->n_hosts, sizeof *out->hosts, by_preference);
    if (answer->n_records == 1 && !out->hosts[0].name[0]) {
        out->state = SURVEY_BAD;
        out->why = "it says that it takes no mail (null MX, RFC 7505)";
        return;
    }
    look_at_hosts(resolver, out);
}
