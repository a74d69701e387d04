/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_NAMES_H
#define KHATM_POLICY_NAMES_H

/* The one place where values have names: files, replies, journal, reports and explanations all use these, so
 * a word read in one can be searched in another. Names are ASCII and never change their meaning. *_name of a
 * value outside its enum is "?"; *_parse compares exactly and leaves *out alone when it knows no such name.
 * Thread-safe. */

#include "policy/facts.h"
#include "policy/status.h"
#include "policy/verdict.h"

#include <stdbool.h>

const char *role_name(enum policy_role role);            /* "submission" "inbound" "egress" "local" */
const char *sender_class_name(enum sender_class sender); /* "null" "outsider" … "staff" */
const char *sender_lack_name(enum sender_lack lack);     /* "nothing" "login" … "proofs" */
/* SENDER, AUTH, AUTH-DKIM, AUTH-SPF: refused for what the sender lacks. */
bool reason_is_about_sender(enum reason reason);
/* RFC 3463 code of a refusal: of the proof that is lacking where the reason is about one (RFC 7372). */
const char *reason_status_of(enum reason reason, enum sender_lack lack);
const char *rcpt_class_name(enum rcpt_class rcpt); /* "local" "government" … "malformed" */
const char *seal_state_name(enum seal_state seal); /* "none" "verified" "unsigned" "broken" */
const char *key_state_name(enum key_state key);    /* "unknown" "usable" "missing" … "sign-only" */
const char *fact_name(enum fact fact);             /* "unknown" "no" "yes" */
const char *known_by_name(enum known_by by);       /* "nothing" "bytes" "text" "sketch" */
const char *content_flag_name(unsigned flag);      /* one flag; 0: "none" */
const char *caveat_name(unsigned flag);            /* one flag: "ENQUETE" … */
const char *forward_flag_name(unsigned flag);      /* one flag: "resent" "automatic" … */
const char *level_name(int level);                 /* "PUBLIC" … "TRES SECRET" */

bool role_parse(const char *name, enum policy_role *out) POLICY_MUST_USE;
bool sender_class_parse(const char *name, enum sender_class *out) POLICY_MUST_USE;
bool sender_lack_parse(const char *name, enum sender_lack *out) POLICY_MUST_USE;
bool rcpt_class_parse(const char *name, enum rcpt_class *out) POLICY_MUST_USE;
bool seal_state_parse(const char *name, enum seal_state *out) POLICY_MUST_USE;
bool key_state_parse(const char *name, enum key_state *out) POLICY_MUST_USE;
bool fact_parse(const char *name, enum fact *out) POLICY_MUST_USE;
bool known_by_parse(const char *name, enum known_by *out) POLICY_MUST_USE;
bool content_flag_parse(const char *name, unsigned *out) POLICY_MUST_USE; /* "none" gives 0 */
bool caveat_parse(const char *name, unsigned *out) POLICY_MUST_USE;
bool forward_flag_parse(const char *name, unsigned *out) POLICY_MUST_USE;
bool verdict_parse(const char *name, enum verdict *out) POLICY_MUST_USE;
bool reason_parse(const char *name, enum reason *out) POLICY_MUST_USE; /* never REASON_NONE */

/* "document, opaque" for a set of content flags, "none" for the empty one; likewise caveats
 * and signs of a forward. Cuts at room - 1. */
void content_names(unsigned content, char *out, size_t room);
void caveat_names(unsigned caveats, char *out, size_t room);
void forward_names(unsigned forward, char *out, size_t room);

#endif
