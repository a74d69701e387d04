/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_OPEN_H
#define KHATM_SEALER_OPEN_H

/* Opens one message that is sealed for us: reads the envelope and all packets first, without gpg, and asks it
 * only for what is whole, protected against change, and encrypted to a key of ours. Everything that comes out
 * counts only with RESULT_OK and OPEN_UNSIGNED or OPEN_SIGNED; what was written for any other is thrown away.
 * Keeps nothing from one message to the next but the key ids of its ring. One thread. */

#include "sealer/gpg.h"

struct opener;

struct open_request {
    int message_fd, output_fd, fields_fd; /* borrowed */
    uint64_t size;                        /* of the message, header section and all */
    uint64_t limit;                       /* of what may come out */
    const char *signer;                   /* primary key that the registry pins for the sender; "": none */
};

enum open_state { OPEN_NOT_OURS = 1, OPEN_UNSIGNED = 2, OPEN_SIGNED = 3 };

struct open_outcome {
    enum open_state state;
    uint64_t body_offset, size; /* in output_fd: the body inside begins there and ends it */
    uint64_t n_fields;          /* in fields_fd, as sealer/protected.h lays them out */
    uint8_t sha256[32];         /* of the ciphertext, as it is armoured */
};

/* NULL: no memory. */
struct opener *opener_new(void);
void opener_free(struct opener *opener);

/* RESULT_BAD_INPUT: sealed for us and not to be taken for it, *problem says why in one phrase that no
 * stranger wrote. RESULT_TRY_LATER: our own trouble. */
enum result opener_open(struct opener *opener, struct gpg *gpg, const struct open_request *request,
                        struct open_outcome *outcome_out, struct problem *problem) MUST_USE;

#endif
