/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_GATHER_UNSEAL_H
#define KHATM_GATHER_UNSEAL_H

/* Opens mail that was sealed for us, before it is inspected, so that policy and journal see what is inside.
 * Only mail of a proven government sender is opened, and only when every recipient is of the house: what is
 * encrypted is encrypted for a reason, and a stranger must not learn from us what is in a ciphertext that he
 * found. Nothing is changed here: what came stays in message->spool, what was inside goes to message->opened,
 * and enforce decides by the verdict which of the two goes on. */

#include "gather/gather.h"
#include "seal/seal.h"

struct unsealed {
    const struct header_field *fields; /* to be added; values with folds as LF; index 0 */
    size_t n_fields;
    const bool *dropped;    /* for each of message->headers: what is inside takes its place */
    const char *ciphertext; /* SHA-256, hexadecimal */
};

/* Sets facts->seal and seal_why, and gathered->unsealed and message->opened when it was opened. sealer: a
 * pool that opens; NULL: nothing is opened. findings: of the message as it came. RESULT_TRY_LATER with
 * *problem: our own trouble. */
enum result unseal(struct message *message, const struct findings *findings, struct sealer *sealer,
                   struct gathered *gathered, struct problem *problem) MUST_USE;

#endif
