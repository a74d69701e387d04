/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_REPORT_WORDS_H
#define KHATM_ADMIN_REPORT_WORDS_H

/* The words of the report's page in French and Arabic. Constant; plain text, to be escaped by who writes it.
 * Names that people compare with other output (reasons, references, fingerprints) are never translated. */

#include "admin/report_keys.h"
#include "policy/verdict.h"

#include <stdbool.h>

enum language { LANGUAGE_FR, LANGUAGE_AR, LANGUAGES };

enum word {
    WORD_TITLE,
    WORD_SKIP,
    WORD_CONTENTS,
    WORD_PERIOD,
    WORD_ALL,
    WORD_FROM,
    WORD_BEFORE,
    WORD_COVERS,
    WORD_COVERS_NOTHING,
    WORD_RECORDS, /* "enregistrements" */
    WORD_TO,
    WORD_GAPS,
    WORD_NO_GAPS,
    WORD_MISSING,
    WORD_UTC,
    WORD_ENDS, /* heading of the section of what ends */
    WORD_WORST_FIRST,
    WORD_AS_OF,
    WORD_NEWS,   /* "à traiter" */
    WORD_OUT_OF, /* "sur", before how many in all */
    WORD_NOT_LOOKED_AT,
    WORD_STEP,
    WORD_WHAT,
    WORD_WHOSE,
    WORD_KEY,
    WORD_STATE,
    WORD_SINCE,
    WORD_UNTIL,
    WORD_FOR_GOOD,
    WORD_DAYS_LEFT,
    WORD_TO_DO,
    WORD_CONTACT,
    WORD_DECISIONS,
    WORD_DECISION,
    WORD_DECIDED,
    WORD_OBSERVED,
    WORD_REASONS,
    WORD_REASON,
    WORD_MEANING,
    WORD_OBSERVED_REASONS,
    WORD_RCPT_DOMAINS,
    WORD_SENDER_DOMAINS,
    WORD_DOMAIN,
    WORD_MESSAGES,
    WORD_RECIPIENTS,
    WORD_BY_DAY,
    WORD_DAY,
    WORD_REFUSALS,
    WORD_OBSERVED_REFUSALS,
    WORD_REFERENCE,
    WORD_TIME,
    WORD_SENDER,
    WORD_REFUSED_TO,
    WORD_TYPED, /* before the address that was typed, where mail was led elsewhere */
    WORD_LEVEL,
    WORD_DOCUMENTS,
    WORD_NAMELESS,
    WORD_NONE,
    WORD_MORE, /* rows that are not shown */
    WORD_COUNT,
};

const char *word(enum word word, enum language language);
const char *word_verdict(enum verdict verdict, enum language language);
const char *word_reason(enum reason reason, enum language language);
const char *word_level(int level, enum language language);
const char *word_subject(enum report_subject subject, enum language language);
const char *word_step(enum outlook_stage stage, enum language language);
/* Of a state's name, as report_key.state has it. */
const char *word_state(const char *state, enum language language);
const char *word_action(enum report_action action, enum language language);
/* Of what stands for a name that is not there; any other is as it is. */
const char *word_name(const char *name, enum language language);
/* The command that belongs to it; NULL: none. */
const char *word_command(enum report_action action);

/* "fr", "ar": false: no such. */
bool language_parse(const char *name, enum language *language_out);
const char *language_name(enum language language);

#endif
