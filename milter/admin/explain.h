/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_EXPLAIN_H
#define KHATM_ADMIN_EXPLAIN_H

/* What `khatm explain` has to tell, whether it was decided now or is read from the journal, and its two
 * forms. Borrowed from whoever gathered or read it. */

#include "admin/printer.h"
#include "config/config.h"
#include "policy/decide.h"
#include "policy/facts.h"

struct explanation {
    enum verdict verdict;
    enum reason reason;
    const struct rule *rule;
    const struct policy_facts *facts;
    const struct decision *decision; /* NULL: none was taken (size, failure) */
    const char *detail;              /* one phrase; NULL */
    bool observe;                    /* mode observe: nothing is enforced */
};

void explain_text(const struct explanation *explanation, FILE *out);
/* One object of docs/explain.schema.json. False: no memory. */
bool explain_json(const struct explanation *explanation, FILE *out);
bool explain_record_json(const struct record *record, FILE *out);

#endif
