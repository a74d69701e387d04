/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_LISTS_H
#define KHATM_POLICY_LISTS_H

/* Consumer mail domains: they only name a reason, the registry decides. An entry matches itself and what is
 * below it; a pattern (with * or ?) matches label by label, so neither ever crosses a dot, and what is below
 * it too. Immutable once shared: then thread-safe. */

#include "policy/status.h"

#include <stddef.h>

enum { LISTS_MAX = 200000 };

struct lists;

struct lists *lists_new(void); /* NULL: no memory */
void lists_free(struct lists *lists);
/* One domain or pattern a line; a tab and what follows it (where the entry was seen) is for people, like
 * lines that start with #. Refuses what is neither domain nor pattern; refusal->line says where. */
enum policy_status lists_parse_consumer(struct lists *lists, const char *text, size_t size,
                                        struct refusal *refusal) POLICY_MUST_USE;
size_t lists_count_consumer(const struct lists *lists);
/* The entry or pattern that a canonical domain falls under; NULL: none. */
const char *lists_find_consumer(const struct lists *lists, const char *domain);

#endif
