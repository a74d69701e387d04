/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_JUDGEMENT_H
#define KHATM_JUDGEMENT_H

/* What became of one message: the decision, or what kept us from taking one. record, reply and log all speak
 * from this, so that they cannot say different things. Lives as long as its passage. */

#include "gather/gather.h"
#include "policy/decide.h"
#include "seal/seal.h"

struct judgement {
    enum verdict verdict;
    enum reason reason;
    const struct rule *rule;         /* NULL: none */
    const struct decision *decision; /* NULL: none was taken (limits, failures) */
    const char *detail;              /* one phrase: what failed or which limit; NULL */
    const char *sealed_sha256;       /* hexadecimal; NULL: nothing was sealed */
    uint64_t grown; /* REASON_TOO_BIG: octets it would have, sealed; 0: it is too big as it is */
    bool alert;
};

#endif
