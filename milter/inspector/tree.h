/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_TREE_H
#define KHATM_INSPECTOR_TREE_H

/* One message as a tree of parts, the outermost or one that is packed in a document: structure by our own
 * reading and by GMime's, then the content of each part. What it finds goes to the opener's report under
 * paths of its own. Past a limit it is not read further. Memory is bounded by the limits and freed at the
 * end. */

#include "inspector/content.h"
#include "inspector/document.h"
#include "inspector/source.h"

struct desk { /* large, and untouched until a message is read: a forked child pays only for pages that exist
               */
    struct source source;
    struct content content;
    struct rawscan scan;
};

struct tree_limits {
    unsigned depth, parts;
};

/* What is true of the message as a whole. Texts are literals. */
struct tree_finding {
    unsigned limits; /* LIMIT_* */
    unsigned flags;  /* PART_UNREAD, PART_AMBIGUOUS, PART_MACRO of any of its parts */
    bool nested;
    const char *incomplete, *ambiguous; /* first causes; NULL */
};

/* The outermost. first_time: report addresses too, and what header section and text of the message say; false
 * for khatm-reader's own part, since that was said already. structure: zero, or as an earlier call left it,
 * of the same message; the caller frees it. */
void tree_read(struct desk *desk, struct opener *opener, const struct tree_limits *limits, bool first_time,
               struct structure *structure, struct tree_finding *finding_out);
/* One within a document. path: of its part. */
void tree_read_inner(struct opener *opener, const struct tree_limits *limits, const char *path,
                     const char *bytes, size_t size, struct tree_finding *finding_out);

#endif
