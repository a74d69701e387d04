/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/demands.h"

/* "": it is as it must be. */
static const char *judge_dnssec(enum proof_dnssec dnssec)
{
    switch (dnssec) {
    case PROOF_DNSSEC_SECURE:
        return "";
    case PROOF_DNSSEC_INSECURE:
        return "its zone, or one it refers to, is not signed with DNSSEC";
    case PROOF_DNSSEC_UNCHECKED:
        break;
    }
    return "DNSSEC is not validated here: see resolver in khatm.conf";
}

static enum demand_state judge(enum survey_state state, const char *state_why, enum proof_dnssec dnssec,
                               bool wants_dnssec, const char **why_out)
{
    *why_out = state_why;
    switch (state) {
    case SURVEY_GOOD:
        *why_out = wants_dnssec ? judge_dnssec(dnssec) : "";
        return **why_out ? DEMAND_NOT_MET : DEMAND_MET;
    case SURVEY_UNKNOWN:
        return DEMAND_UNKNOWN;
    case SURVEY_ABSENT:
    case SURVEY_BAD:
        break;
    }
    return DEMAND_NOT_MET;
}

static enum demand_state worst(enum demand_state a, enum demand_state b)
{
    return a > b ? a : b;
}

static enum demand_state best(enum demand_state a, enum demand_state b)
{
    return a < b ? a : b;
}

/* One good key is enough: which one signs is the sender's choice. */
static enum demand_state judge_keys(const struct survey *survey, bool wants_dnssec, const char **why_out)
{
    enum demand_state state = DEMAND_NOT_MET;
    const char *why = "";
    *why_out = "no selector was given";
    if (!survey->n_keys)
        return DEMAND_UNTESTED;
    for (size_t i = 0; i < survey->n_keys; i++) {
        const struct survey_key *key = &survey->keys[i];
        enum demand_state one = judge(key->state, key->why, key->dnssec, wants_dnssec, &why);
        if (i == 0 || one < state)
            *why_out = why;
        state = i == 0 ? one : best(state, one);
    }
    return state;
}

void demands_judge(const struct survey *survey, const struct demand *demand, struct demand_answer *answer)
{
    const struct survey_spf *spf = &survey->spf;
    answer->spf = judge(spf->state, spf->why, spf->dnssec, demand->dnssec, &answer->spf_why);
    answer->dkim = judge_keys(survey, demand->dnssec, &answer->dkim_why);
    switch (demand->proof) {
    case PROOF_DKIM:
        answer->whole = answer->dkim;
        return;
    case PROOF_SPF:
        answer->whole = answer->spf;
        return;
    case PROOF_BOTH:
        answer->whole = worst(answer->spf, answer->dkim);
        return;
    case PROOF_EITHER:
        answer->whole = best(answer->spf, answer->dkim);
        return;
    }
}
