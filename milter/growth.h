/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_GROWTH_H
#define KHATM_GROWTH_H

/* What sealing will make of a message's size, told while its sender is still there: armour makes four thirds
 * of it, and what does not fit would come back from further on, or not at all. */

#include "gather/gather.h"
#include "policy/decide.h"

/* Octets of header section and body, at most, where sealed, here or where it leaves, it would be over
 * sealing.size-limit; 0: it is not sealed, or fits, or there is no limit. Exact to a few kilobytes. */
uint64_t growth_over_limit(const struct message *message, const struct policy_facts *facts,
                           const struct decision *decision);

#endif
