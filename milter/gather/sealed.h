/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_GATHER_SEALED_H
#define KHATM_GATHER_SEALED_H

/* The part of gather that recognises what a gateway of ours sealed, by the digest of the ciphertext that the
 * journal has, whatever it is wrapped in: that it is sealed, and for whom. Asked only where there is
 * something encrypted and it is on its way out. */

#include "gather/gather.h"

/* After documents and recipients, whose facts it replaces. journal: NULL, nothing is known. RESULT_TRY_LATER
 * with *problem. */
enum result gather_sealed(struct message *message, struct journal *journal, struct policy_facts *facts,
                          struct problem *problem) MUST_USE;

#endif
