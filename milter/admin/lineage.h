/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_LINEAGE_H
#define KHATM_ADMIN_LINEAGE_H

/* The way of a document in one line a record: from whom it came, who sent it on, to whom, and what was
 * decided. Owns copies of what it shows. One thread. */

#include "admin/printer.h"

struct lineage {
    struct lineage_step *steps; /* by sequence */
    size_t n, room, n_more;     /* n_more: not kept */
    bool failed;                /* no memory */
};

void lineage_add(struct lineage *lineage, const struct record *record);
/* Nothing where there are no two steps. */
void lineage_print(const struct lineage *lineage, const struct printer *printer);
void lineage_free(struct lineage *lineage);

#endif
