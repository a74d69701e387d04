/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_LOOKALIKE_H
#define KHATM_POLICY_LOOKALIKE_H

/* Is this foreign domain one that a reader takes for a known one? Compared by skeletons (policy/skeleton.h),
 * so that letters that look alike never count as a difference; slips also letter by letter. What never makes
 * a lookalike: one letter within a first label of up to three (mef and men are two ministries), one letter of
 * a two-letter country (finances.gov.mr is another country's ministry), another number (region1, region12).
 * Pairs only; policy/known.h finds the pairs. Pure; thread-safe. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The nearer the likeness, the smaller; NONE is the greatest. */
enum lookalike {
    LOOKALIKE_LETTERS, /* the same, but for letters that look alike */
    LOOKALIKE_EDIT,    /* one letter added, left out or changed, or two neighbours swapped */
    LOOKALIKE_FRONT,   /* its labels stand in front of foreign ones: gov.example.attacker.example */
    LOOKALIKE_JOINED,  /* its dots left out or made hyphens: interieur-gov.example */
    LOOKALIKE_NONE,
};

struct lookalike_text {
    const uint16_t *units;
    size_t length;
};

struct lookalike_name {
    const char *domain; /* canonical */
    struct lookalike_text letters, skeleton;
};

/* Two different names, and `domain` is not below `known`. */
enum lookalike lookalike_of(const struct lookalike_name *domain, const struct lookalike_name *known);
/* Against an ending of known names (gov.example), which `domain` does not have. */
enum lookalike lookalike_of_ending(const struct lookalike_name *domain, const struct lookalike_name *ending);
/* One phrase, for "looks like gov.example: …". */
const char *lookalike_how(enum lookalike lookalike, bool ending);

/* Letters in a run without dots and hyphens, below which such a run proves nothing. */
enum { LOOKALIKE_JOINED_MIN = 6 };

#endif
