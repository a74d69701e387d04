/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_PROTECTED_H
#define KHATM_SEALER_PROTECTED_H

/* Which header fields of an opened message take the place of those outside: those that describe the body
 * (Content-*), and, where the sender protected his header section (RFC 9788, hp="cipher"; the older
 * protected-headers="v1"), all that he wrote but trace and results of checks, which are not his to say. From
 * and Sender stay what they are outside, since that is what was proven; inside they must be the same. Pure.
 */

#include "base/buffer.h"
#include "sealer/span.h"

/* Appends NAME, NUL, "+" and value (leading blank kept, folds as LF), NUL for each field; "-" and no value
 * for one that is to vanish outside: the sender says by HP-Outer that it was for the way. NULL: done; else
 * what is wrong with the header section inside. *n_out: fields appended. covered: false where what vouches
 * for the body leaves the header section out; then its marks are not believed. */
const char *protected_fields(struct span outer, struct span inner, bool covered, struct buffer *out,
                             size_t *n_out);

#endif
