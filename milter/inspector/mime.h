/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_MIME_H
#define KHATM_INSPECTOR_MIME_H

/* GMime's reading of the message: the second view of the structure, and the names of parts, whose encodings
 * (RFC 2047, 2231) it knows. Structure only: its crypto is never called. It keeps offsets, not bodies. Called
 * only for what our own reading found within the limits, since GMime recurses and holds every part it meets.
 */

#include "base/result.h"
#include "inspector/structure.h"

#include <stdbool.h>

struct mime_part {
    char *name;     /* cleaned; NULL: none */
    bool two_names; /* Content-Type and Content-Disposition name it with different extensions */
};

struct mime {
    struct mime_part *parts; /* one for each entity of the structure, in its order */
    size_t n_parts;
    const char *odd; /* the two readings differ, or GMime had to guess; NULL */
    bool failed;     /* no memory, or unreadable */
};

/* In the template: GMime itself, and every lazily made thing that a first message makes. */
void mime_prepare(void);
/* keeps: GMime's tree is not freed, since the process ends soon. */
void mime_read(struct mime *mime, struct source *source, const struct structure *structure, bool keeps);
/* Only the names, from the header sections of leaves: for who comes after a mime_read of the same message. */
void mime_read_names(struct mime *mime, struct source *source, const struct structure *structure);
void mime_free(struct mime *mime);

#endif
