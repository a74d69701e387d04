/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_TALLY_H
#define KHATM_ADMIN_TALLY_H

/* Counts by name: reasons, domains, days. Owns its names. Memory grows with the number of different names,
 * which strangers choose: past TALLY_NAMES_MAX the rest is counted under "(others)". One thread. */

#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

enum { TALLY_COLUMNS = 6, TALLY_NAMES_MAX = 100000 };

struct tally;

struct tally_row {
    char *name;
    uint64_t counts[TALLY_COLUMNS];
};

struct tally *tally_new(void);
void tally_free(struct tally *tally);
/* RESULT_TRY_LATER: no memory. */
enum result tally_add(struct tally *tally, const char *name, size_t column) MUST_USE;

enum tally_order { TALLY_BY_NAME, TALLY_BY_COUNT }; /* highest first of column 0, then by name */
/* All rows in this order, until the next tally_add. */
const struct tally_row *tally_rows(struct tally *tally, enum tally_order order, size_t *n_out);

#endif
