/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/spf.h"

#include "authenticator/spf_eval.h"
#include "authenticator/spf_second.h"
#include "dns/name.h"

#include <stdlib.h>
#include <string.h>

/* RFC 5321, 4.5.3.1.1 allows 64; some senders take more. */
enum { LOCAL_MAX = 256 };

struct spf {
    struct spf_second *second;
};

struct spf *spf_new(void)
{
    struct spf *spf = calloc(1, sizeof *spf);
    if (!spf)
        return NULL;
    spf->second = spf_second_new();
    if (!spf->second) {
        free(spf);
        return NULL;
    }
    return spf;
}

void spf_free(struct spf *spf)
{
    if (!spf)
        return;
    spf_second_free(spf->second);
    free(spf);
}

static void none(struct spf_proof *proof, const char *why)
{
    *proof = (struct spf_proof){.verdict = SPF_PROOF_NONE, .domain = "", .why = why};
}

/* MAIL FROM, or postmaster at the HELO name when it is null (RFC 7208, 2.4). */
static bool identify(const struct spf_input *input, struct arena *arena, struct spf_question *question,
                     struct spf_proof *proof)
{
    const char *from = input->mail_from ? input->mail_from : "";
    const char *helo = input->helo ? input->helo : "";
    const char *at = strrchr(from, '@');
    char domain[NAME_MAX_BYTES + 1];
    proof->helo = !from[0];
    if (!name_normalise(proof->helo ? helo : at ? at + 1 : from, domain, sizeof domain))
        return false;
    size_t local = at ? (size_t)(at - from) : 0;
    question->sender_local = local && local <= LOCAL_MAX ? arena_strndup(arena, from, local) : "postmaster";
    question->sender_domain = proof->domain = arena_strdup(arena, domain);
    question->helo = helo;
    return question->sender_local && proof->domain && name_is_plain(domain, 2) && local <= LOCAL_MAX;
}

static void agree(struct spf *spf, const struct spf_question *question, struct spf_proof *proof)
{
    switch (spf_second_opinion(spf->second, question)) {
    case SPF_OPINION_PASS:
        return;
    case SPF_OPINION_OTHER:
        proof->verdict = SPF_PROOF_NEUTRAL;
        proof->why = "two readers of the policy disagree whether this client may";
        return;
    case SPF_OPINION_TROUBLE:
        proof->verdict = SPF_PROOF_TEMPERROR;
        proof->why = "no memory for a second reading of the policy";
        return;
    }
}

void spf_check(struct spf *spf, struct resolver *resolver, const struct spf_input *input, struct arena *arena,
               struct spf_proof *proof)
{
    struct spf_question question = {.resolver = resolver, .arena = arena};
    none(proof, "the client did not come by network");
    if (!input->client_address || !input->client_address[0])
        return;
    none(proof, "the client has no address that can be read");
    if (!address_parse(input->client_address, &question.client))
        return;
    none(proof, "the client is this machine");
    if (ip_is_loopback(&question.client))
        return;
    if (!identify(input, arena, &question, proof)) {
        none(proof,
             proof->helo ? "MAIL FROM is null and the HELO name is no domain" : "MAIL FROM has no domain");
        proof->helo = !input->mail_from || !input->mail_from[0];
        return;
    }
    proof->verdict = spf_evaluate(&question, proof->domain, &proof->why);
    proof->dnssec = question.dnssec;
    proof->everybody = proof->verdict == SPF_PROOF_PASS && question.everybody;
    if (proof->verdict == SPF_PROOF_PASS)
        agree(spf, &question, proof);
}
