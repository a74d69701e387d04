/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_REPLY_H
#define KHATM_REPLY_H

/* The words of a refusal or a deferral: which recipient, what, why, what to do, and the reference that finds
 * the journal entry. Printable ASCII (RFC 5321 4.2), a few short lines; texts are data (policy/notices.h). */

#include "judgement.h"
#include "pipeline.h"

/* Fills answer, code, status and lines. Never fails: without memory or texts it falls back on fixed words. */
void reply_compose(struct message *message, const struct gathered *gathered,
                   const struct judgement *judgement, struct reply *reply);

#endif
