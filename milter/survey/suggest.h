/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SURVEY_SUGGEST_H
#define KHATM_SURVEY_SUGGEST_H

/* What a domain should publish instead of what it does: whole records, ready for a zone file, where they can
 * be known. What only the domain's own people know stands in capitals. Pure. */

#include "survey/survey.h"

enum { SUGGEST_MAX = SURVEY_SELECTORS_MAX + 2 };

struct suggestion {
    const char *name;  /* without the last dot */
    const char *value; /* of a TXT record, as in a zone file, in one string */
    const char *why;
};

struct suggestions {
    struct suggestion all[SUGGEST_MAX];
    size_t n;
};

void suggest(const struct survey *survey, struct arena *arena, struct suggestions *suggestions_out);

#endif
