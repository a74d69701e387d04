/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_DOMAINS_TEST_H
#define KHATM_ADMIN_DOMAINS_TEST_H

/* What `khatm domains test` found out, and the two forms in which it is shown. The JSON form is
 * docs/domains-test.schema.json. Within the cage: what is shown comes from strangers' DNS. */

#include "admin/printer.h"
#include "survey/demands.h"
#include "survey/suggest.h"

enum { PROOF_COUNT = PROOF_EITHER + 1 };

struct domains_tested {
    const struct registry_entry *entry; /* NULL: the domain is in none */
    bool expired;                       /* the entry's last day is over */
    struct demand demand;               /* the entry's; without one, what an entry demands by default */
    struct survey survey;
    struct demand_answer answer;
    bool could[PROOF_COUNT]; /* which proofs could be shown, by enum registry_proof */
    struct suggestions suggestions;
};

/* "met", "unknown", "untested", "not-met"; what it says of the whole includes the entry's end. */
enum demand_state domains_tested_state(const struct domains_tested *tested);
const char *domains_proof_name(enum registry_proof proof);

void domains_test_text(const struct printer *printer, const struct domains_tested *tested);
/* RESULT_TRY_LATER: no memory. */
enum result domains_test_json(FILE *out, const struct domains_tested *tested) MUST_USE;

#endif
