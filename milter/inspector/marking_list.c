/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/marking_list.h"

#include "policy/facts.h"

#include <stdio.h>
#include <string.h>

enum { ABOUT_LEVELS = 3, ABOUT_LINES = 12 };

void marking_list_add(struct marking_list *list, const struct marking_seen *seen)
{
    if (seen->stance == STANCE_NONE)
        return;
    for (size_t i = 0; i < list->n; i++) {
        struct marking_seen *before = &list->seen[i];
        if (strcmp(before->form, seen->form) != 0 || strcmp(before->where, seen->where) != 0)
            continue;
        if (seen->stance > before->stance)
            *before = *seen;
        return;
    }
    if (list->n < MARKING_LIST_MAX)
        list->seen[list->n++] = *seen;
}

static bool is_near(const struct marking_seen *a, const struct marking_seen *b)
{
    unsigned apart = a->number > b->number ? a->number - b->number : b->number - a->number;
    return a->in_text && b->in_text && apart <= ABOUT_LINES;
}

static bool is_about_levels(const struct marking_list *list, const struct marking_seen *seen)
{
    unsigned levels = 0, n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (list->seen[i].rank.level >= 0 && is_near(seen, &list->seen[i]))
            levels |= 1U << list->seen[i].rank.level;
    for (; levels; levels &= levels - 1)
        n++;
    return n >= ABOUT_LEVELS;
}

static bool counts_alone(const struct marking_seen *seen)
{
    return seen->stance == STANCE_FIRM && seen->strength == MARKING_STRONG;
}

/* Two ways of writing one rank, as on bilingual stamps; not two words of one dictionary. */
static bool are_a_pair(const struct marking_seen *a, const struct marking_seen *b)
{
    if (a->in_text && b->in_text && !is_near(a, b))
        return false;
    return strcmp(a->form, b->form) != 0 && a->rank.level == b->rank.level &&
           a->rank.caveats == b->rank.caveats;
}

static bool is_supported(const struct marking_list *list, const bool *left_out, size_t at)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct marking_seen *other = &list->seen[i];
        if (i == at || left_out[i])
            continue;
        if ((counts_alone(other) && other->rank.level >= 0) || are_a_pair(&list->seen[at], other))
            return true;
    }
    return false;
}

static void count(const struct marking_seen *seen, struct text_finding *finding)
{
    if (seen->rank.level >= 0) {
        finding->has_level = true;
        if ((unsigned)seen->rank.level > finding->level)
            finding->level = (unsigned)seen->rank.level;
    }
    finding->caveats |= seen->rank.caveats;
    if (seen->rank.level > (seen->label ? 1 : 0) || (seen->rank.caveats & (CAVEAT_ENQUETE | CAVEAT_DCP)))
        finding->administrative = true;
    if (finding->n_markings < INSPECT_MARKINGS_MAX)
        (void)snprintf(finding->markings[finding->n_markings++], INSPECT_MARKING_MAX + 1, "%s (%s)",
                       seen->form, seen->where);
}

void marking_list_close(const struct marking_list *list, bool official, struct text_finding *finding)
{
    bool left_out[MARKING_LIST_MAX] = {false};
    for (size_t i = 0; i < list->n; i++)
        left_out[i] = is_about_levels(list, &list->seen[i]);
    for (size_t i = 0; i < list->n; i++) {
        const struct marking_seen *seen = &list->seen[i];
        if (left_out[i] || (seen->strength == MARKING_WEAK && seen->stance != STANCE_FIRM))
            continue;
        if (counts_alone(seen) || official || is_supported(list, left_out, i))
            count(seen, finding);
    }
}
