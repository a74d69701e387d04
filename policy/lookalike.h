/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_LOOKALIKE_H
#define KHATM_POLICY_LOOKALIKE_H

/* Is this foreign domain one that a reader takes for a known one? Compares with the known domain label for
 * label, and with the parent all of its kind share (gov.example). Knows: one letter added, left out, changed
 * or two swapped; digits and letter pairs that look like letters (0 o, 1 l i, 3 e, 5 s, rn m, vv w, cl d);
 * the known labels standing in front of foreign ones; dots left out or turned into hyphens. Names of up to
 * three letters are not compared by one edit (mef and men are two ministries), nor is a two-letter country.
 * Pure; thread-safe. */

#include <stdbool.h>

/* Both canonical and not the same, and `domain` not below `known`. `how`: a static phrase when true. */
bool lookalike_of(const char *domain, const char *known, const char **how);
/* The parent of `known` (gov.example, never a single label) that the domain's ending looks like without being
 * it; points into `known`; NULL: none. */
const char *lookalike_ending(const char *domain, const char *known);

#endif
