/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DNS_DKIM_TAGS_H
#define KHATM_DNS_DKIM_TAGS_H

/* Tag lists, RFC 6376 section 3.2: of signatures and of key records. A tag twice makes the list invalid,
 * where libopendkim lets the last one win. Blanks and folds within values are taken out: none of the tags we
 * read has any that matter. In the arena; the strings end in NUL. */

#include "base/arena.h"

#include <stddef.h>

enum { DKIM_TAGS_MAX = 40 };

struct dkim_tags {
    struct {
        const char *name, *value;
    } tags[DKIM_TAGS_MAX];
    size_t n_tags;
};

/* RESULT_BAD_INPUT: not a tag list. RESULT_TRY_LATER: no memory. */
enum result dkim_tags_parse(const char *text, size_t size, struct arena *arena,
                            struct dkim_tags *tags_out) MUST_USE;
/* NULL: there is none. */
const char *dkim_tag(const struct dkim_tags *tags, const char *name);

#endif
