/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_MARKING_LIST_H
#define KHATM_INSPECTOR_MARKING_LIST_H

/* The markings of one document, with where each was seen, and which of them count: strong ones that stand
 * firmly do; what is weak or stands loosely needs an administrative heading, a marking that counts, or
 * another like itself. Three levels within a few lines are a text about levels, not marks. */

#include "inspector/stance.h"
#include "policy/marking_tables.h"

enum { MARKING_LIST_MAX = 32, MARKING_WHERE_ROOM = 40 };

struct marking_seen {
    const char *form; /* as the data files write it; borrowed */
    struct marking_rank rank;
    enum marking_strength strength;
    enum stance stance;
    bool in_text; /* a line among lines: may be an item of a list */
    bool label;   /* written by a program, perhaps on every mail: up to level 1 it makes no text a document */
    unsigned number; /* of the line */
    char where[MARKING_WHERE_ROOM];
};

struct marking_list {
    size_t n;
    struct marking_seen seen[MARKING_LIST_MAX];
};

/* One that was seen like this before is not added again. */
void marking_list_add(struct marking_list *list, const struct marking_seen *seen);
/* official: the document has an administrative heading. Raises what the finding says. */
void marking_list_close(const struct marking_list *list, bool official, struct text_finding *finding);

#endif
