/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_GATHER_RETURNS_H
#define KHATM_GATHER_RETURNS_H

/* The part of gather that is about documents that go back to where they came from: what a recipient's own
 * address, proven then, once sent us in clear and without a marking of ours, byte for byte. */

#include "gather/gather.h"

/* Sets `returns` of the recipients, anew. RESULT_TRY_LATER with *problem: no memory, or the journal cannot be
 * read. */
enum result gather_returns(struct message *message, struct journal *journal, struct policy_facts *facts,
                           struct problem *problem) MUST_USE;

#endif
