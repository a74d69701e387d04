/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_GATHER_FORWARD_H
#define KHATM_GATHER_FORWARD_H

/* The part of gather that is about whose mail it was before: what persons, filters and servers write into
 * mail that they send on. Who wants to hide it can; these are facts, and a document is judged without them,
 * too. */

#include "gather/gather.h"

/* Sets forward and forward_why. */
void gather_forward(const struct message *message, const struct findings *findings,
                    struct policy_facts *facts);

#endif
