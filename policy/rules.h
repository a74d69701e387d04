/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_RULES_H
#define KHATM_POLICY_RULES_H

/* The ordered table of rules. A rule's conditions are all required; a set means any of its members; an empty
 * set and a FACT_UNKNOWN condition ask nothing. Content is the one exception: an empty content set asks for
 * any content at all, since mail without content is never refused nor changed; only `none` speaks of it, and
 * only to pass. rules_add copies and then owns; readers borrow for the life of the table. Immutable once
 * shared: then thread-safe. Refuses what could not be answered for later: no id, an id used before, no legal
 * basis, a refusal without reason. */

#include "policy/facts.h"
#include "policy/status.h"
#include "policy/verdict.h"

#include <stdbool.h>
#include <stddef.h>

enum { RULES_MAX = 500, RULE_CONTENT_NONE = 1 << 8 };

enum rule_mode { RULE_ENFORCE, RULE_MONITOR, RULE_OFF };

struct rule {
    const char *id;
    /* Sets of values: bit (1u << value). */
    unsigned roles, senders, lacks, rcpts, levels, keys;
    unsigned content; /* content_flag, RULE_CONTENT_NONE */
    unsigned caveats; /* caveat_flag */
    unsigned seals;   /* of seal_state */
    unsigned forward; /* forward_flag */
    enum fact in_circle, in_headers, reply_to_consumer, seals_here, must_seal, delivers_broken, known, ticket,
        sealed_for, returns;
    enum verdict action;
    enum reason reason; /* REASON_NONE for a permission, or REASON_RETURN */
    const char *basis;  /* the text and article it rests on */
    enum rule_mode mode;
    bool alert; /* tell compliance */
};

struct rules;

struct rules *rules_new(void); /* NULL: no memory */
void rules_free(struct rules *rules);
enum policy_status rules_add(struct rules *rules, const struct rule *rule,
                             struct refusal *refusal) POLICY_MUST_USE;
size_t rules_count(const struct rules *rules);
/* NULL past the end. */
const struct rule *rules_get(const struct rules *rules, size_t index);

const char *rule_mode_name(enum rule_mode mode); /* "enforce" "monitor" "off" */
/* Pass, seal and unseal let something happen; unknown facts never do. */
bool verdict_is_permission(enum verdict verdict);

#endif
