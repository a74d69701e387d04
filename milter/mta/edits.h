/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_MTA_EDITS_H
#define KHATM_MTA_EDITS_H

/* What a reply does to the message and says to the client, in libmilter's words. Header fields are deleted
 * from the last index down: going forward skips one. The body is replaced in blocks below libmilter's 64 KiB
 * packet. */

#include "pipeline.h"

#include <libmilter/mfapi.h>

/* RESULT_TRY_LATER: the MTA did not take an edit; nothing of the message may be let through. */
enum result edits_apply(SMFICTX *ctx, const struct reply *reply) MUST_USE;
/* Sets the multi-line reply of a refusal or a deferral. Should libmilter not take it, the MTA answers in its
 * own words: the verdict stands either way. */
void edits_set_reply(SMFICTX *ctx, const struct reply *reply);

#endif
