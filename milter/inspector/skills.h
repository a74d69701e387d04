/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_SKILLS_H
#define KHATM_INSPECTOR_SKILLS_H

/* What one of the three programs can: khatm-inspector as little as it needs, khatm-reader all but to
 * recognise letters in pictures, which khatm-ocr can. */

#include "inspector/kind.h"
#include "inspector/reader.h"

struct skills {
    const struct reader *const *readers; /* NULL-terminated */
    /* Those of khatm-inspector, if it can say first what that would; NULL-terminated. NULL: it cannot. */
    const struct reader *const *first;
    bool last;    /* nobody reads after it */
    bool patient; /* its processor time is bounded by the deadline alone */
    /* As in struct reading; NULL: letters in pictures are not known. */
    void (*recognise)(struct reading *reading, const struct grey_picture *picture);
    /* Tells what bytes are; all NULL: only plain text is known. */
    enum result (*kind_new)(struct kind **kind_out, struct problem *problem);
    void (*kind_free)(struct kind *kind);
    const char *(*kind_of)(struct kind *kind, const void *bytes, size_t size);
};

#endif
