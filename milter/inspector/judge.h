/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_JUDGE_H
#define KHATM_INSPECTOR_JUDGE_H

/* Is a part what its place and labels say, or a document? The role is a claim (role.h), the content proves
 * it: text of the message, a detached signature, a delivery report, a business card, an invitation, a logo
 * are conversation; everything else is a document. */

#include "inspector/card.h"
#include "inspector/content.h"
#include "inspector/document.h"
#include "inspector/picture.h"
#include "inspector/role.h"

struct judgement {
    unsigned flags;   /* PART_* */
    const char *why;  /* first cause; NULL */
    const char *kind; /* NULL: not known yet */
    bool maybe;       /* conversation, if its reader finds text and nothing else in it */
};

/* What a message lends to all judgements over its parts. */
struct judge {
    const struct opener *opener;
    struct rawscan *scan; /* room */
    struct picture_allowance pictures;
    struct references references;
};

/* Adds flags; the first cause stays. */
void judgement_raise(struct judgement *judgement, unsigned flags, const char *why);
/* What holds whatever the content turns out to be. */
void judge_role(struct judgement *judgement, enum role role, const struct entity *entity, bool two_names);
/* content_want that judge_content needs. */
unsigned judge_wants(enum role role, const struct entity *entity);
void judge_content(struct judgement *judgement, struct judge *judge, enum role role,
                   const struct entity *entity, const struct content *content);
/* No control characters: what was found in it by the raw scan means something. */
bool judge_is_text(const struct content *content);

#endif
