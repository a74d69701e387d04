/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/spf_eval.h"

#include "base/text.h"
#include "dns/name.h"
#include "dns/spf_macro.h"
#include "dns/spf_record.h"

#include <string.h>

enum {
    TERMS_MAX = 10, /* that ask DNS */
    NAMES_MAX = 10, /* of one mx or ptr */
    VOIDS_MAX = 2,
    DEPTH_MAX = 12, /* of includes and redirects; TERMS_MAX ends them before */
};

struct evaluation {
    struct spf_question *question;
    unsigned terms, voids, depth;
    const char *why;
};

/* What a term says: besides yes and no it can end the evaluation. */
enum match { MATCH_NO, MATCH_YES, MATCH_TEMPERROR, MATCH_PERMERROR };

static enum spf_verdict check_host(struct evaluation *evaluation, const char *domain);

static const struct dns_answer *ask(struct evaluation *evaluation, const char *name, enum dns_type type)
{
    struct spf_question *question = evaluation->question;
    const struct dns_answer *answer = resolver_ask(question->resolver, name, type);
    if (!question->answers++ || answer->dnssec < question->dnssec)
        question->dnssec = answer->dnssec;
    return answer;
}

static const char *tell(struct evaluation *evaluation, const char *what, const char *name)
{
    const char *why = arena_printf(evaluation->question->arena, "%s: %.200s", what, name);
    return why ? why : what;
}

static enum match perm(struct evaluation *evaluation, const char *why)
{
    evaluation->why = why;
    return MATCH_PERMERROR;
}

static enum match temp(struct evaluation *evaluation, const struct dns_answer *answer, const char *name)
{
    evaluation->why = tell(evaluation, answer->why, name);
    return MATCH_TEMPERROR;
}

static enum match count_void(struct evaluation *evaluation)
{
    if (++evaluation->voids > VOIDS_MAX)
        return perm(evaluation, "more than two of its look-ups find nothing");
    return MATCH_NO;
}

/* MATCH_NO also when there are none; *found_out tells the two apart. */
static enum match match_addresses(struct evaluation *evaluation, const char *name,
                                  const struct spf_term *term, bool *found_out)
{
    const struct ip *client = &evaluation->question->client;
    const struct dns_answer *answer = ask(evaluation, name, client->six ? DNS_AAAA : DNS_A);
    *found_out = answer->status == DNS_FOUND;
    switch (answer->status) {
    case DNS_TRY_LATER:
        return temp(evaluation, answer, name);
    case DNS_UNUSABLE:
        return perm(evaluation, tell(evaluation, answer->why, name));
    case DNS_VOID:
        return MATCH_NO;
    case DNS_FOUND:
        break;
    }
    for (size_t i = 0; i < answer->n_records; i++)
        if (ip_matches(client, answer->records[i].bytes, client->six ? term->cidr6 : term->cidr4))
            return MATCH_YES;
    return MATCH_NO;
}

static enum match match_a(struct evaluation *evaluation, const char *name, const struct spf_term *term)
{
    bool found;
    enum match match = match_addresses(evaluation, name, term, &found);
    return match == MATCH_NO && !found ? count_void(evaluation) : match;
}

static enum match match_mx(struct evaluation *evaluation, const char *name, const struct spf_term *term)
{
    bool any = false;
    const struct dns_answer *answer = ask(evaluation, name, DNS_MX);
    if (answer->status == DNS_TRY_LATER)
        return temp(evaluation, answer, name);
    if (answer->status == DNS_UNUSABLE)
        return perm(evaluation, tell(evaluation, answer->why, name));
    if (answer->n_records > NAMES_MAX)
        return perm(evaluation, tell(evaluation, "an mx term with more than ten mail servers", name));
    for (size_t i = 0; i < answer->n_records; i++) {
        bool found;
        /* A null MX (RFC 7505) has the root for a name: nobody. */
        enum match match = match_addresses(evaluation, (const char *)answer->records[i].bytes, term, &found);
        if (match != MATCH_NO)
            return match;
        any |= found;
    }
    return any ? MATCH_NO : count_void(evaluation);
}

/* Whether `name`, of a PTR record, has the client's address. Trouble is "no" (RFC 7208, 5.5). */
static bool is_validated(struct evaluation *evaluation, const char *name)
{
    static const struct spf_term exact = {.cidr4 = 32, .cidr6 = 128};
    const char *why = evaluation->why;
    bool found;
    enum match match = match_addresses(evaluation, name, &exact, &found);
    evaluation->why = why;
    return match == MATCH_YES;
}

static const struct dns_answer *names_of_client(struct evaluation *evaluation)
{
    char reverse[80];
    address_reverse(&evaluation->question->client, reverse, sizeof reverse);
    return ask(evaluation, reverse, DNS_PTR);
}

static enum match match_ptr(struct evaluation *evaluation, const char *name)
{
    const struct dns_answer *answer = names_of_client(evaluation);
    size_t n = answer->n_records < NAMES_MAX ? answer->n_records : NAMES_MAX;
    if (answer->status == DNS_VOID)
        return count_void(evaluation);
    for (size_t i = 0; i < n && answer->status == DNS_FOUND; i++) {
        const char *candidate = (const char *)answer->records[i].bytes;
        if (name_is_within(candidate, name) && is_validated(evaluation, candidate))
            return MATCH_YES;
    }
    return MATCH_NO;
}

/* RFC 7208, 7.3: the name that equals the current domain, else one below it, else any. */
static const char *find_validated(struct evaluation *evaluation, const char *domain)
{
    const struct dns_answer *answer = names_of_client(evaluation);
    size_t n = answer->n_records < NAMES_MAX ? answer->n_records : NAMES_MAX;
    const char *best = NULL;
    int best_rank = -1;
    for (size_t i = 0; i < n && answer->status == DNS_FOUND; i++) {
        const char *name = (const char *)answer->records[i].bytes;
        int rank = text_equal_nocase(name, domain) ? 2 : name_is_within(name, domain) ? 1 : 0;
        if (rank > best_rank && is_validated(evaluation, name)) {
            best = name;
            best_rank = rank;
        }
    }
    return best;
}

/* The name a term means. MATCH_YES: it is in `out`. MATCH_NO: it is no name that DNS could have. */
static enum match target(struct evaluation *evaluation, const char *macro, const char *domain, char *out,
                         size_t room)
{
    const struct spf_question *question = evaluation->question;
    struct spf_letters letters = {.sender_local = question->sender_local,
                                  .sender_domain = question->sender_domain,
                                  .helo = question->helo,
                                  .domain = domain,
                                  .six = question->client.six};
    address_dotted(&question->client, letters.address, sizeof letters.address);
    if (!macro)
        macro = "%{d}";
    if (spf_macro_wants_p(macro))
        letters.validated = find_validated(evaluation, domain);
    if (!spf_macro_expand(macro, &letters, out, room))
        return MATCH_NO;
    return name_can_be_asked(out, 1) ? MATCH_YES : MATCH_NO;
}

static enum match match_include(struct evaluation *evaluation, const char *name)
{
    switch (check_host(evaluation, name)) {
    case SPF_PROOF_PASS:
        return MATCH_YES;
    case SPF_PROOF_FAIL:
    case SPF_PROOF_SOFTFAIL:
    case SPF_PROOF_NEUTRAL:
        return MATCH_NO;
    case SPF_PROOF_TEMPERROR:
        return MATCH_TEMPERROR;
    case SPF_PROOF_PERMERROR:
        return MATCH_PERMERROR;
    case SPF_PROOF_NONE:
        break;
    }
    return perm(evaluation, tell(evaluation, "it includes a domain without a policy", name));
}

static enum match match_exists(struct evaluation *evaluation, const char *name)
{
    const struct dns_answer *answer = ask(evaluation, name, DNS_A);
    switch (answer->status) {
    case DNS_FOUND:
        return MATCH_YES;
    case DNS_VOID:
        return count_void(evaluation);
    case DNS_TRY_LATER:
        return temp(evaluation, answer, name);
    case DNS_UNUSABLE:
        break;
    }
    return perm(evaluation, tell(evaluation, answer->why, name));
}

static enum match match_by_name(struct evaluation *evaluation, const struct spf_term *term,
                                const char *domain)
{
    char name[NAME_MAX_BYTES + 1];
    if (++evaluation->terms > TERMS_MAX)
        return perm(evaluation, "more than ten of its terms ask DNS");
    enum match match = target(evaluation, term->domain, domain, name, sizeof name);
    if (match != MATCH_YES)
        return match;
    switch (term->mechanism) {
    case SPF_INCLUDE:
        return match_include(evaluation, name);
    case SPF_A:
        return match_a(evaluation, name, term);
    case SPF_MX:
        return match_mx(evaluation, name, term);
    case SPF_PTR:
        return match_ptr(evaluation, name);
    case SPF_EXISTS:
        return match_exists(evaluation, name);
    case SPF_ALL:
    case SPF_IP4:
    case SPF_IP6:
        break;
    }
    return MATCH_NO;
}

static enum match match_term(struct evaluation *evaluation, const struct spf_term *term, const char *domain)
{
    const struct ip *client = &evaluation->question->client;
    switch (term->mechanism) {
    case SPF_ALL:
        return MATCH_YES;
    case SPF_IP4:
        return !client->six && ip_matches(client, term->network, term->cidr4) ? MATCH_YES : MATCH_NO;
    case SPF_IP6:
        return client->six && ip_matches(client, term->network, term->cidr6) ? MATCH_YES : MATCH_NO;
    case SPF_INCLUDE:
    case SPF_A:
    case SPF_MX:
    case SPF_PTR:
    case SPF_EXISTS:
        break;
    }
    return match_by_name(evaluation, term, domain);
}

static enum spf_verdict verdict_of(struct evaluation *evaluation, char qualifier)
{
    switch (qualifier) {
    case '-':
        evaluation->why = "the policy says that this client may not";
        return SPF_PROOF_FAIL;
    case '~':
        evaluation->why = "the policy says that this client probably may not";
        return SPF_PROOF_SOFTFAIL;
    case '?':
        evaluation->why = "the policy does not say";
        return SPF_PROOF_NEUTRAL;
    default:
        evaluation->why = "";
        return SPF_PROOF_PASS;
    }
}

static enum spf_verdict follow_redirect(struct evaluation *evaluation, const struct spf_record *record,
                                        const char *domain)
{
    char name[NAME_MAX_BYTES + 1];
    if (++evaluation->terms > TERMS_MAX) {
        evaluation->why = "more than ten of its terms ask DNS";
        return SPF_PROOF_PERMERROR;
    }
    enum match match = target(evaluation, record->redirect, domain, name, sizeof name);
    if (match == MATCH_TEMPERROR)
        return SPF_PROOF_TEMPERROR;
    enum spf_verdict verdict = match == MATCH_YES ? check_host(evaluation, name) : SPF_PROOF_NONE;
    if (verdict != SPF_PROOF_NONE)
        return verdict;
    evaluation->why = "its redirect leads to no policy";
    return SPF_PROOF_PERMERROR;
}

/* "+all", or a network that is a good part of the Internet, also at the end of includes. */
static void note_breadth(struct evaluation *evaluation, const struct spf_term *term)
{
    bool *everybody = &evaluation->question->everybody;
    switch (term->mechanism) {
    case SPF_ALL:
        *everybody = true;
        return;
    case SPF_INCLUDE:
        return; /* as the policy that was included said */
    case SPF_IP4:
    case SPF_A:
    case SPF_MX:
    case SPF_IP6:
        *everybody =
            evaluation->question->client.six ? term->cidr6 < SPF_BROAD_CIDR6 : term->cidr4 < SPF_BROAD_CIDR4;
        return;
    case SPF_PTR:
    case SPF_EXISTS:
        *everybody = false;
        return;
    }
}

static enum spf_verdict apply(struct evaluation *evaluation, const struct spf_record *record,
                              const char *domain)
{
    for (size_t i = 0; i < record->n_terms; i++) {
        switch (match_term(evaluation, &record->terms[i], domain)) {
        case MATCH_YES:
            note_breadth(evaluation, &record->terms[i]);
            return verdict_of(evaluation, record->terms[i].qualifier);
        case MATCH_TEMPERROR:
            return SPF_PROOF_TEMPERROR;
        case MATCH_PERMERROR:
            return SPF_PROOF_PERMERROR;
        case MATCH_NO:
            break;
        }
    }
    if (record->redirect && !record->has_all)
        return follow_redirect(evaluation, record, domain);
    return verdict_of(evaluation, '?');
}

/* RFC 7208, 4.5: the TXT records that are SPF; there must be one. */
static enum spf_verdict select_record(struct evaluation *evaluation, const struct dns_answer *answer,
                                      const char *domain, const struct dns_record **record_out)
{
    *record_out = NULL;
    for (size_t i = 0; i < answer->n_records; i++) {
        if (!spf_record_is_one(answer->records[i].bytes, answer->records[i].size))
            continue;
        if (*record_out) {
            evaluation->why = tell(evaluation, "more than one SPF record", domain);
            return SPF_PROOF_PERMERROR;
        }
        *record_out = &answer->records[i];
    }
    evaluation->why = tell(evaluation, "no SPF record", domain);
    return SPF_PROOF_NONE;
}

static enum spf_verdict read_and_apply(struct evaluation *evaluation, const char *domain)
{
    struct spf_record record;
    const struct dns_record *text;
    const struct dns_answer *answer = ask(evaluation, domain, DNS_TXT);
    if (answer->status == DNS_TRY_LATER) {
        evaluation->why = tell(evaluation, answer->why, domain);
        return SPF_PROOF_TEMPERROR;
    }
    if (answer->status == DNS_UNUSABLE) {
        evaluation->why = tell(evaluation, answer->why, domain);
        return SPF_PROOF_PERMERROR;
    }
    enum spf_verdict verdict = select_record(evaluation, answer, domain, &text);
    if (!text || verdict == SPF_PROOF_PERMERROR)
        return verdict;
    enum result result =
        spf_record_parse(text->bytes, text->size, evaluation->question->arena, &record, &evaluation->why);
    if (result == RESULT_TRY_LATER) {
        evaluation->why = "no memory for the record";
        return SPF_PROOF_TEMPERROR;
    }
    return result == RESULT_OK ? apply(evaluation, &record, domain) : SPF_PROOF_PERMERROR;
}

static enum spf_verdict check_host(struct evaluation *evaluation, const char *domain)
{
    if (evaluation->depth == DEPTH_MAX) {
        evaluation->why = "policies within policies without end";
        return SPF_PROOF_PERMERROR;
    }
    if (!name_can_be_asked(domain, 2)) {
        evaluation->why = "not the name of a domain";
        return SPF_PROOF_NONE;
    }
    evaluation->depth++;
    enum spf_verdict verdict = read_and_apply(evaluation, domain);
    evaluation->depth--;
    return verdict;
}

enum spf_verdict spf_evaluate(struct spf_question *question, const char *domain, const char **why_out)
{
    struct evaluation evaluation = {.question = question, .why = ""};
    question->dnssec = PROOF_DNSSEC_UNCHECKED;
    question->answers = 0;
    question->everybody = false;
    enum spf_verdict verdict = check_host(&evaluation, domain);
    *why_out = evaluation.why;
    return verdict;
}
