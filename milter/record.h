/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_RECORD_H
#define KHATM_RECORD_H

/* A judgement as the journal keeps it. gathered may be NULL (no memory even for the envelope). */

#include "journal/journal.h"
#include "judgement.h"

/* Everything in the message's arena. RESULT_TRY_LATER: no memory. */
enum result record_of(struct message *message, const struct gathered *gathered,
                      const struct judgement *judgement, struct record *record_out) MUST_USE;

#endif
