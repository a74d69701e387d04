/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "dns/name.h"
#include "dns/spf_macro.h"
#include "dns/spf_record.h"
#include "survey/survey.h"

#include <arpa/inet.h>
#include <string.h>

/* Every term of a policy, and of the policies it includes, in the order in which they are evaluated (RFC
 * 7208, 5), for a client that none of them fits: what it costs at most, and whom it lets send. */

enum {
    LOOKUPS_MAX = 10, /* RFC 7208, 4.6.4 */
    VOIDS_MAX = 2,
    NAMES_MAX = 10,
    COUNTED_MAX = 40, /* beyond this many nothing more is asked or counted */
    DEPTH_MAX = 12,
    LOOKUPS_NEAR = 8,
    WIDE_BITS4 = 16,
    WIDE_BITS6 = 32,
};

/* Whom a policy lets send. */
struct reach {
    bool some, everybody;
};

struct walk {
    struct resolver *resolver;
    struct arena *arena;
    struct survey_spf *spf;
    const char *path[DEPTH_MAX]; /* domains whose policies are being read */
    unsigned depth, answers;
};

static void look_at_policy(struct walk *walk, const char *domain, bool decides, struct reach *reach);

/* The worst is kept, of equals the first. */
static void complain(struct walk *walk, enum survey_state state, const char *why)
{
    if (state <= walk->spf->state)
        return;
    walk->spf->state = state;
    walk->spf->why = why;
}

static const struct dns_answer *ask(struct walk *walk, const char *name, enum dns_type type)
{
    const struct dns_answer *answer = resolver_ask(walk->resolver, name, type);
    if (!walk->answers++ || answer->dnssec < walk->spf->dnssec)
        walk->spf->dnssec = answer->dnssec;
    if (answer->status == DNS_TRY_LATER)
        complain(walk, SURVEY_UNKNOWN, survey_say(walk->arena, "%s: %.200s", answer->why, name));
    if (answer->status == DNS_UNUSABLE)
        complain(walk, SURVEY_BAD, survey_say(walk->arena, "%s: %.200s", answer->why, name));
    return answer;
}

/* Whether a name has addresses, of each family. What is not known counts as found: it is complained of
 * already. */
static void look_at_addresses(struct walk *walk, const char *name, bool found[2])
{
    resolver_start(walk->resolver, name, DNS_AAAA);
    found[0] |= ask(walk, name, DNS_A)->status != DNS_VOID;
    found[1] |= ask(walk, name, DNS_AAAA)->status != DNS_VOID;
}

static void count_voids(struct walk *walk, const bool found[2])
{
    walk->spf->voids[0] += !found[0];
    walk->spf->voids[1] += !found[1];
}

static void look_at_a(struct walk *walk, const char *name)
{
    bool found[2] = {false, false};
    look_at_addresses(walk, name, found);
    count_voids(walk, found);
}

static void look_at_mx(struct walk *walk, const char *name)
{
    bool found[2] = {false, false};
    const struct dns_answer *answer = ask(walk, name, DNS_MX);
    if (answer->status == DNS_TRY_LATER || answer->status == DNS_UNUSABLE)
        return;
    if (answer->n_records > NAMES_MAX)
        complain(walk, SURVEY_BAD,
                 survey_say(walk->arena, "an mx term with more than ten mail servers: %.200s", name));
    for (size_t i = 0; i < answer->n_records && i < NAMES_MAX && !(found[0] && found[1]); i++)
        look_at_addresses(walk, (const char *)answer->records[i].bytes, found);
    count_voids(walk, found);
}

static void look_at_exists(struct walk *walk, const char *name)
{
    bool is = ask(walk, name, DNS_A)->status != DNS_VOID;
    const bool found[2] = {is, is};
    count_voids(walk, found);
}

/* The client that no term fits may well have no name. */
static void look_at_ptr(struct walk *walk)
{
    static const bool nothing[2] = {false, false};
    count_voids(walk, nothing);
    survey_note(&walk->spf->notes, "ptr is slow and unsafe: RFC 7208 5.5 says not to publish it");
}

/* Macros of the current domain and of the sender's are known. NULL: the current domain. */
static bool depends_on_client(const char *macro)
{
    for (const char *at = macro ? macro : ""; (at = strstr(at, "%{")); at += 2)
        if (text_lower(at[2]) != 'd' && text_lower(at[2]) != 'o')
            return true;
    return false;
}

/* The name that a term or redirect asks for; NULL: it depends on the client, or is no name that DNS could
 * have. */
static const char *target(struct walk *walk, const char *macro, const char *domain)
{
    char name[NAME_MAX_BYTES + 1];
    const struct spf_letters letters = {
        .sender_local = "", .sender_domain = walk->path[0], .helo = "", .domain = domain};
    if (depends_on_client(macro)) {
        walk->spf->depends = true;
        return NULL;
    }
    if (spf_macro_expand(macro ? macro : "%{d}", &letters, name, sizeof name) && name_can_be_asked(name, 1))
        return survey_say(walk->arena, "%s", name);
    survey_note(&walk->spf->notes,
                survey_say(walk->arena, "no name that DNS could have: %.200s", macro ? macro : domain));
    return NULL;
}

/* True: the term may be looked at. */
static bool count_lookup(struct walk *walk)
{
    if (walk->spf->lookups == COUNTED_MAX)
        return false;
    walk->spf->lookups++;
    return true;
}

static bool is_broad(const struct spf_term *term)
{
    return term->cidr4 < SPF_BROAD_CIDR4 || term->cidr6 < SPF_BROAD_CIDR6;
}

static void merge(const struct spf_term *term, struct reach more, struct reach *reach)
{
    if (term->qualifier != '+')
        return;
    reach->some |= more.some;
    reach->everybody |= more.everybody;
}

static void look_at_asking_term(struct walk *walk, const struct spf_term *term, const char *domain,
                                struct reach *reach)
{
    struct reach own = {.some = true, .everybody = is_broad(term)};
    if (!count_lookup(walk))
        return;
    const char *name = target(walk, term->domain, domain);
    if (!name && !depends_on_client(term->domain))
        return;
    if (term->mechanism == SPF_PTR)
        look_at_ptr(walk);
    if (name && term->mechanism == SPF_INCLUDE) {
        own = (struct reach){.some = false};
        look_at_policy(walk, name, false, &own);
    } else if (name && term->mechanism == SPF_A) {
        look_at_a(walk, name);
    } else if (name && term->mechanism == SPF_MX) {
        look_at_mx(walk, name);
    } else if (name && term->mechanism == SPF_EXISTS) {
        look_at_exists(walk, name);
    }
    merge(term, own, reach);
}

static void look_at_network(struct walk *walk, const struct spf_term *term, struct reach *reach)
{
    bool six = term->mechanism == SPF_IP6;
    unsigned bits = six ? term->cidr6 : term->cidr4;
    char address[INET6_ADDRSTRLEN] = "";
    (void)inet_ntop(six ? AF_INET6 : AF_INET, term->network, address, sizeof address);
    merge(term, (struct reach){.some = true, .everybody = is_broad(term)}, reach);
    if (term->qualifier == '+' && !is_broad(term) && bits < (six ? WIDE_BITS6 : WIDE_BITS4))
        survey_note(&walk->spf->notes,
                    survey_say(walk->arena, "a very large network may send: %s/%u", address, bits));
}

/* `decides`: what its all and redirect say holds for the policy as a whole. */
static void look_at_record(struct walk *walk, const struct spf_record *record, const char *domain,
                           bool decides, struct reach *reach)
{
    for (size_t i = 0; i < record->n_terms; i++) {
        const struct spf_term *term = &record->terms[i];
        switch (term->mechanism) {
        case SPF_ALL:
            merge(term, (struct reach){.some = true, .everybody = true}, reach);
            if (decides)
                walk->spf->all = term->qualifier;
            return;
        case SPF_IP4:
        case SPF_IP6:
            look_at_network(walk, term, reach);
            break;
        case SPF_INCLUDE:
        case SPF_A:
        case SPF_MX:
        case SPF_PTR:
        case SPF_EXISTS:
            look_at_asking_term(walk, term, domain, reach);
            break;
        }
    }
    if (!record->redirect || record->has_all || !count_lookup(walk))
        return;
    const char *name = target(walk, record->redirect, domain);
    if (name)
        look_at_policy(walk, name, decides, reach);
    else if (depends_on_client(record->redirect))
        reach->some = true;
    else
        complain(walk, SURVEY_BAD, "its redirect leads to a name that DNS cannot have");
}

static const struct dns_record *find_record(struct walk *walk, const struct dns_answer *answer,
                                            const char *domain)
{
    const struct dns_record *found = NULL;
    for (size_t i = 0; i < answer->n_records; i++) {
        if (!spf_record_is_one(answer->records[i].bytes, answer->records[i].size))
            continue;
        if (found) {
            complain(walk, SURVEY_BAD, survey_say(walk->arena, "more than one SPF record: %s", domain));
            return NULL;
        }
        found = &answer->records[i];
    }
    if (found)
        return found;
    if (walk->depth == 1)
        complain(walk, SURVEY_ABSENT, "no SPF record is published");
    else
        complain(walk, SURVEY_BAD,
                 survey_say(walk->arena, "it includes, or leads to, a domain without a policy: %s", domain));
    return NULL;
}

static void read_policy(struct walk *walk, const char *domain, bool decides, struct reach *reach)
{
    struct spf_record record;
    const char *why = "";
    const struct dns_answer *answer = ask(walk, domain, DNS_TXT);
    if (answer->status == DNS_TRY_LATER || answer->status == DNS_UNUSABLE)
        return;
    const struct dns_record *text = find_record(walk, answer, domain);
    if (!text)
        return;
    if (walk->depth == 1)
        walk->spf->record = survey_zone_text(walk->arena, text);
    enum result result = spf_record_parse(text->bytes, text->size, walk->arena, &record, &why);
    if (result == RESULT_OK)
        look_at_record(walk, &record, domain, decides, reach);
    else if (result == RESULT_TRY_LATER)
        complain(walk, SURVEY_UNKNOWN, "no memory for the record");
    else
        complain(walk, SURVEY_BAD,
                 walk->depth == 1 ? survey_say(walk->arena, "%s", why)
                                  : survey_say(walk->arena, "%s: %s", domain, why));
}

static void look_at_policy(struct walk *walk, const char *domain, bool decides, struct reach *reach)
{
    for (unsigned i = 0; i < walk->depth; i++)
        if (name_is_within(domain, walk->path[i]) && name_is_within(walk->path[i], domain)) {
            complain(walk, SURVEY_BAD,
                     survey_say(walk->arena, "policies that include each other: %s", domain));
            return;
        }
    if (walk->depth == DEPTH_MAX) {
        complain(walk, SURVEY_BAD, "policies within policies without end");
        return;
    }
    walk->path[walk->depth++] = domain;
    read_policy(walk, domain, decides, reach);
    walk->depth--;
}

static void judge_costs(struct walk *walk)
{
    struct survey_spf *spf = walk->spf;
    unsigned least = spf->voids[0] < spf->voids[1] ? spf->voids[0] : spf->voids[1];
    if (spf->lookups > LOOKUPS_MAX)
        complain(walk, SURVEY_BAD,
                 survey_say(walk->arena, "%s%u of its terms ask DNS, and 10 are allowed (RFC 7208 4.6.4)",
                            spf->lookups == COUNTED_MAX ? "at least " : "", spf->lookups));
    else if (spf->lookups >= LOOKUPS_NEAR)
        survey_note(&spf->notes, survey_say(walk->arena, "%u of 10 look-ups are used up", spf->lookups));
    if (least > VOIDS_MAX)
        complain(walk, SURVEY_BAD,
                 survey_say(walk->arena, "%u of its look-ups find nothing, and 2 are allowed", least));
    else if (spf->voids[0] > VOIDS_MAX || spf->voids[1] > VOIDS_MAX)
        survey_note(&spf->notes,
                    survey_say(walk->arena, "clients that speak %s get an error: %u look-ups find nothing",
                               spf->voids[0] > VOIDS_MAX ? "IPv4" : "IPv6",
                               spf->voids[spf->voids[0] > VOIDS_MAX ? 0 : 1]));
}

static void judge_reach(struct walk *walk, const struct reach *reach)
{
    struct survey_spf *spf = walk->spf;
    if (reach->everybody)
        complain(
            walk, SURVEY_BAD,
            "it lets the whole Internet send for this domain, or a good part of it: a pass proves nothing");
    else if (!reach->some)
        complain(walk, SURVEY_BAD, "it lets nobody send for this domain");
    else if (spf->all != '-' && spf->record)
        survey_note(&spf->notes, "it does not end in -all: others are not told to refuse forgeries");
}

void survey_spf(struct resolver *resolver, struct arena *arena, const char *domain, struct survey_spf *out)
{
    struct reach reach = {.some = false};
    struct walk walk = {.resolver = resolver, .arena = arena, .spf = out};
    *out = (struct survey_spf){.state = SURVEY_GOOD, .why = ""};
    look_at_policy(&walk, domain, true, &reach);
    out->some = reach.some;
    out->everybody = reach.everybody;
    if (out->record)
        judge_costs(&walk);
    if (out->state == SURVEY_GOOD)
        judge_reach(&walk, &reach);
    if (out->depends)
        survey_note(&out->notes, "some of its terms depend on the client and were counted, not followed");
}
