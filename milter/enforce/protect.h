/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ENFORCE_PROTECT_H
#define KHATM_ENFORCE_PROTECT_H

/* Header protection: which fields of a message stay outside when it is sealed, and the header section inside.
 * RFC 9788 section 2 (hp="cipher", HP-Outer) and the older protected-headers="v1". Fields that nobody listed
 * as needed for transport go inside only: a list of what may be seen, never of what must be hidden. */

#include "base/buffer.h"
#include "message.h"
#include "pipeline.h"

/* Header section of the payload, CRLF, without the empty line. RESULT_TRY_LATER: no memory. */
enum result protect_inner(const struct message *message, const char *outer_subject,
                          struct buffer *inner) MUST_USE;
/* The edits that leave the outer section as it must be. Count in *n_out; array and texts in the message's
 * arena. */
enum result protect_outer(struct message *message, const char *outer_subject, const char *boundary,
                          const struct header_edit **edits_out, size_t *n_out) MUST_USE;

#endif
