/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_VERDICT_H
#define KHATM_POLICY_VERDICT_H

/* What a decision says. Verdicts are ordered by strictness: the strictest recipient decides for the message,
 * since a milter has one body for all of them. */

#include <stddef.h>

enum verdict {
    VERDICT_PASS,
    VERDICT_SEAL,
    VERDICT_UNSEAL,
    VERDICT_TRY_LATER,
    VERDICT_REJECT,
};

/* Names (reason_name) are what replies, journal and reports show: never renumber meanings, only add. */
enum reason {
    REASON_NONE,
    REASON_RECIPIENT,
    REASON_LOOKALIKE,
    REASON_SENDER,
    REASON_LEVEL,
    REASON_CIRCLE,
    REASON_REPLY_TO,
    REASON_FORWARD,
    REASON_CONSUMER,
    REASON_UNLISTED,
    REASON_UNREADABLE,
    REASON_NO_KEY,
    REASON_MIXED, /* one body cannot serve both: local in clear and remote sealed */
    REASON_AUTH,
    REASON_AUTH_DKIM,
    REASON_AUTH_SPF,
    REASON_SEAL_BROKEN,
    REASON_NOT_SEALED,
    REASON_TOO_BIG,    /* over the limit, or would be once sealed */
    REASON_UNSIGNABLE, /* no signature of ours can cover its header fields */
    REASON_UNDECIDED,  /* no rule matched and there is content */
    REASON_INTERNAL,   /* something of ours or of the network failed: try later */
    REASON_RETURN,     /* passes: the recipient gets back what he sent */
};
enum { REASON_COUNT = REASON_RETURN + 1 };

const char *verdict_name(enum verdict verdict); /* "pass" "seal" "unseal" "try-later" "reject" */
const char *reason_name(enum reason reason);    /* "CONSUMER" "NO-KEY" …; "" for REASON_NONE */
/* RFC 3463 enhanced status code as registered with IANA; "" where none applies. */
const char *reason_status(enum reason reason);

#endif
