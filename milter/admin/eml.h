/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_EML_H
#define KHATM_ADMIN_EML_H

/* A message in a file, handed on as an MTA would: an mbox "From " line first is left out, header fields are
 * taken apart, bare LF become CRLF, a line that is no header field begins the body, a last line without its
 * end gets one. Streams: the body is never in memory as a whole. Nothing is interpreted beyond that. */

#include "message.h"

#include <stdio.h>

/* RESULT_BAD_INPUT: unreadable or empty; RESULT_TRY_LATER: no room to spool it. */
enum result eml_read(FILE *file, struct message *message, struct problem *problem) MUST_USE;

#endif
