/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_CLAIM_H
#define KHATM_SENDER_CLAIM_H

/* In whose name a message from outside comes, and whether that is shown: From, envelope and proofs give one
 * class. Nobody is believed for what he writes; who claims no domain of the registry and none of ours needs
 * no proof. Pure; thread-safe. Within sender/ only. */

#include "policy/registry.h"
#include "sender/identity.h"

/* The entry of a domain that the message claims and that SPF or DKIM could show: only then are they worth
 * asking. NULL: there is none. */
const struct registry_entry *claim_to_prove(const struct identity_input *input);

/* One From mailbox that nobody reads in another way. */
bool claim_is_plain(const struct identity_input *input);

/* Sets class, lacks, proof_unknown, must_seal and why. RESULT_TRY_LATER: no memory. */
enum result claim_judge(const struct identity_input *input, struct arena *arena,
                        struct sender_facts *facts) MUST_USE;

#endif
