/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_GATHER_DOCUMENTS_H
#define KHATM_GATHER_DOCUMENTS_H

/* What the inspector found, as documents of the policy: which parts are documents, of what level, known to
 * the journal or not. Level: what any document of this sender has, unless something in or on it says more;
 * the strictest evidence wins and nothing lowers it. A label on the message is a label on all it carries. */

#include "inspect/findings.h"
#include "journal/journal.h"
#include "message.h"
#include "policy/facts.h"

/* Fills documents, content, level and caveats, and *texts_out, by what each document's text is recognised:
 * memory of the message. The text of an outgoing message is a document when it is that of a known one, or has
 * much of it. journal: NULL, nothing is known. RESULT_TRY_LATER with *problem. */
enum result gather_documents(const struct message *message, const struct findings *findings,
                             struct journal *journal, struct policy_facts *facts,
                             const struct record_text **texts_out, struct problem *problem) MUST_USE;

#endif
