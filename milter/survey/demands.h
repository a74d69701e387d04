/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SURVEY_DEMANDS_H
#define KHATM_SURVEY_DEMANDS_H

/* Whether mail from a domain could show what a registry entry demands, judged by what the domain publishes.
 * A message must still be sent from where the policy says, or be signed: "met" is "can be met". Pure. */

#include "policy/registry.h"
#include "survey/survey.h"

/* From the best to the worst. */
enum demand_state {
    DEMAND_MET,
    DEMAND_UNKNOWN,  /* DNS did not say */
    DEMAND_UNTESTED, /* DKIM, and no selector was given */
    DEMAND_NOT_MET,
};

struct demand {
    enum registry_proof proof;
    bool dnssec;
};

struct demand_answer {
    enum demand_state spf, dkim, whole;
    const char *spf_why, *dkim_why; /* "" when met */
};

void demands_judge(const struct survey *survey, const struct demand *demand,
                   struct demand_answer *answer_out);

#endif
