/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_ALIGNMENT_H
#define KHATM_SENDER_ALIGNMENT_H

/* Do SPF and DKIM show what an entry of the registry demands of a message that claims it? Alignment is with
 * the entry, label by label: not with an organisational domain as DMARC (RFC 7489 3.1) would have it, since
 * two ministries under one parent are two. Pure; thread-safe. */

#include "base/arena.h"
#include "policy/facts.h"
#include "policy/registry.h"
#include "sender/proofs.h"

struct alignment_input {
    const struct registry *registry;
    const struct registry_entry *entry; /* of the domain that is claimed */
    enum registry_proof proof;          /* what must be shown */
    const char *from_domain;            /* canonical, of the entry */
    const struct proofs *proofs;
};

struct alignment {
    enum fact proved;       /* UNKNOWN: something could not be asked for, and it would matter */
    enum sender_lack lacks; /* unless proved */
    const char *why;        /* one phrase, in the arena */
};

/* RESULT_TRY_LATER: no memory. */
enum result alignment_judge(const struct alignment_input *input, struct arena *arena,
                            struct alignment *alignment_out) MUST_USE;

#endif
