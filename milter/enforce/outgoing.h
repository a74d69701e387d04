/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ENFORCE_OUTGOING_H
#define KHATM_ENFORCE_OUTGOING_H

/* The header section as it will be when the MTA has made the edits of a reply: the same fields in the same
 * order, since of several of one name a DKIM signature takes the lowest first (RFC 6376 5.4.2). Pure. */

#include "base/buffer.h"
#include "message.h"
#include "pipeline.h"

/* Appends "Name:value" CRLF for each field whose name is in `names` (with colons between), from the top.
 * RESULT_TRY_LATER: no memory, or more than the buffer may hold. RESULT_BUG: an edit of a field that is not
 * there. */
enum result outgoing_fields(const struct message *message, const struct reply *reply, const char *names,
                            struct buffer *fields) MUST_USE;

#endif
