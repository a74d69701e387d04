/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_MATCH_H
#define KHATM_POLICY_MATCH_H

/* Does one rule match one recipient: yes, no, or it cannot be told because a fact is unknown. Pure.
 * A refusal is about a message that has any of its content or caveats; a permission only covers a message
 * that has nothing beyond them, since letting the one go would let the other go with it. */

#include "policy/decide.h"

enum match { MATCH_NO, MATCH_UNKNOWN, MATCH_YES };

/* What facts say of content and level, made safe: the union over the documents, levels clamped upwards. */
unsigned match_content(const struct policy_facts *facts);
int match_level(const struct policy_facts *facts);
unsigned match_caveats(const struct policy_facts *facts);
enum fact match_known(const struct policy_facts *facts);

/* *failed: the first condition that did not hold, or could not be told; CONDITION_NONE when all held. */
enum match match_rule(const struct rule *rule, const struct policy_facts *facts, size_t rcpt,
                      enum condition *failed);

#endif
